// The rows of deployments.
#include <array>
#include <cstdio>

#include "deployment_parts.hpp"

namespace schwarm::services {
namespace {

constexpr std::uint8_t kFormat = 1;

void write_instant(ByteWriter& out, Instant at) {
    out.svarint(at.time_since_epoch().count());
}
Instant read_instant(ByteReader& in) {
    return Instant(std::chrono::milliseconds(in.svarint()));
}

void write_common(ByteWriter& out, const Definition& d) {
    out.varint(d.key);
    out.varint(d.deployment_key);
    out.bytes(d.id);
    out.bytes(d.name);
    out.svarint(d.version);
    out.bytes(d.version_tag);
    out.bytes(d.resource_name);
    out.bytes(d.checksum);
    write_instant(out, d.deployed);
    out.u8(d.deleted ? 1 : 0);
}

void read_common(ByteReader& in, Definition& d) {
    d.key = in.varint();
    d.deployment_key = in.varint();
    d.id = std::string(in.bytes());
    d.name = std::string(in.bytes());
    d.version = static_cast<std::int32_t>(in.svarint());
    d.version_tag = std::string(in.bytes());
    d.resource_name = std::string(in.bytes());
    d.checksum = std::string(in.bytes());
    d.deployed = read_instant(in);
    d.deleted = in.u8() != 0;
}

void write_rest(ByteWriter& out, const ProcessDefinition& process) {
    out.bytes(process.start_form_id);
    out.varint(process.starts.size());
    for (const auto& start : process.starts) {
        out.bytes(start.element_id);
        out.u8(static_cast<std::uint8_t>(start.kind));
        out.bytes(start.text);
    }
}
void read_rest(ByteReader& in, ProcessDefinition& process) {
    process.start_form_id = std::string(in.bytes());
    const auto count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        StartEvent start;
        start.element_id = std::string(in.bytes());
        start.kind = static_cast<bpmn::EventKind>(in.u8());
        start.text = std::string(in.bytes());
        process.starts.push_back(std::move(start));
    }
}

void write_rest(ByteWriter& out, const DecisionRequirements& graph) {
    out.varint(graph.decisions.size());
    for (const auto& decision : graph.decisions) {
        out.varint(decision.key);
        out.bytes(decision.id);
        out.bytes(decision.name);
        out.svarint(decision.version);
        out.bytes(decision.version_tag);
    }
    out.varint(graph.imports.size());
    for (const auto& [name, checksum] : graph.imports) {
        out.bytes(name);
        out.bytes(checksum);
    }
}
void read_rest(ByteReader& in, DecisionRequirements& graph) {
    const auto count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        DecisionDefinition decision;
        decision.key = in.varint();
        decision.id = std::string(in.bytes());
        decision.name = std::string(in.bytes());
        decision.version = static_cast<std::int32_t>(in.svarint());
        decision.version_tag = std::string(in.bytes());
        graph.decisions.push_back(std::move(decision));
    }
    const auto imports = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < imports; ++i) {
        std::string name(in.bytes());
        graph.imports.emplace_back(std::move(name), in.bytes());
    }
}

void write_rest(ByteWriter&, const FormDefinition&) {}
void read_rest(ByteReader&, FormDefinition&) {}
void write_rest(ByteWriter&, const ResourceDefinition&) {}
void read_rest(ByteReader&, ResourceDefinition&) {}

template <class T>
Deployment::Any read_as(ByteReader& in) {
    T out;
    read_common(in, out);
    read_rest(in, out);
    return out;
}

std::string row_key(char first, char letter, std::string_view rest) {
    std::string key{first, letter};
    key += rest;
    return key;
}

}  // namespace

Definition& definition_in(Deployment::Any& any) {
    return std::visit([](auto& one) -> Definition& { return one; }, any);
}
const Definition& definition_in(const Deployment::Any& any) {
    return std::visit([](const auto& one) -> const Definition& { return one; }, any);
}

char letter_of(const Deployment::Any& any) {
    static constexpr std::array kLetters = {'p', 'r', 'f', 'g'};
    static_assert(std::variant_size_v<Deployment::Any> == kLetters.size());
    return kLetters.at(any.index());
}

std::string definition_row_key(char letter, std::uint64_t key) {
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(key));
    return row_key('D', letter, digits.data());
}
std::string latest_row_key(char letter, std::string_view id) {
    return row_key('L', letter, id);
}
std::string content_row_key(std::string_view checksum) {
    return "C" + std::string(checksum);
}

std::string encode_definition(const Deployment::Any& any) {
    ByteWriter out;
    out.u8(kFormat);
    out.u8(static_cast<std::uint8_t>(letter_of(any)));
    std::visit(
        [&out](const auto& one) {
            write_common(out, one);
            write_rest(out, one);
        },
        any);
    return out.take();
}

Result<Deployment::Any> decode_definition(std::string_view bytes) {
    const auto damaged = [] {
        return fail(ErrorCode::corrupt, "the row of a deployed definition is damaged");
    };
    ByteReader in(bytes);
    if (in.u8() != kFormat) return damaged();
    Deployment::Any any;
    switch (static_cast<char>(in.u8())) {
        case 'p':
            any = read_as<ProcessDefinition>(in);
            break;
        case 'r':
            any = read_as<DecisionRequirements>(in);
            break;
        case 'f':
            any = read_as<FormDefinition>(in);
            break;
        case 'g':
            any = read_as<ResourceDefinition>(in);
            break;
        default:
            return damaged();
    }
    if (!in.ok() || !in.at_end()) return damaged();
    return any;
}

std::string encode_latest(const LatestVersion& latest) {
    ByteWriter out;
    out.u8(kFormat);
    out.svarint(latest.version);
    out.varint(latest.key);
    out.bytes(latest.checksum);
    out.bytes(latest.resource_name);
    return out.take();
}

Result<LatestVersion> decode_latest(std::string_view bytes) {
    ByteReader in(bytes);
    LatestVersion latest;
    const auto format = in.u8();
    latest.version = static_cast<std::int32_t>(in.svarint());
    latest.key = in.varint();
    latest.checksum = std::string(in.bytes());
    latest.resource_name = std::string(in.bytes());
    if (!in.ok() || !in.at_end() || format != kFormat) {
        return fail(ErrorCode::corrupt, "the row of a latest version is damaged");
    }
    return latest;
}

}  // namespace schwarm::services
