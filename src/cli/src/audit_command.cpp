// audit: verify, prove and export the audit log; check a proof of somebody else's.
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "place_option.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/post/message_line.hpp"
#include "schwarm/server/audit.hpp"

namespace schwarm::cli {
namespace {

std::string time_text(Instant at) {
    return DateTime::from_instant(at, Zone::utc()).to_string();
}

// To standard output if `file` is empty.
int write_out(const std::string& file, std::string_view text) {
    if (file.empty()) {
        std::cout << text << '\n';
        return 0;
    }
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text << '\n';
    out.close();
    if (!out) return refuse(fail(ErrorCode::unavailable, "the file cannot be written", file));
    return 0;
}

int verify(const Where& where) {
    const auto place = where.place();
    if (place.has_error()) return refuse(place.error());
    const auto tenants = server::verify_audit(*place);
    if (tenants.has_error()) return refuse(tenants.error());
    bool holds = true;
    for (const server::TenantVerification& tenant : *tenants) {
        std::cout << tenant.tenant << ": " << tenant.rows << " rows, " << tenant.deleted
                  << " deleted by law, "
                  << (tenant.findings.empty()
                          ? "everything holds"
                          : std::to_string(tenant.findings.size()) + " findings")
                  << "; " << tenant.signatures << '\n';
        for (const std::string& finding : tenant.findings) std::cout << "  " << finding << '\n';
        holds = holds && tenant.findings.empty();
    }
    return holds ? 0 : 1;
}

void print(const server::CheckedProof& checked) {
    const exchange::AuditProof& proof = checked.proof;
    std::cout << "The proof holds in the network whose founding file has the SHA-256\n"
              << checked.network << "\n(compare it). Case " << proof.case_id.value() << " of "
              << proof.tenant.text() << ", " << proof.lines.size()
              << " lines, none left out between them:\n";
    for (const exchange::ProvenLine& line : proof.lines) {
        std::cout << line.number << "  " << time_text(line.at) << "  ";
        if (line.text) {
            std::cout << line.text->actor << "  " << line.text->action << "  " << line.text->detail;
        } else {
            std::cout << (line.deleted ? "deleted" : "text withheld");
        }
        std::cout << "  (signed " << time_text(checked.checkpoints[line.checkpoint].time) << ")\n";
    }
}

const char* name_of(post::ComparedMessage::Verdict verdict) {
    switch (verdict) {
        case post::ComparedMessage::Verdict::same:
            return "both logs: the same content";
        case post::ComparedMessage::Verdict::differs:
            return "DIFFERENT CONTENTS";
        case post::ComparedMessage::Verdict::unknown:
            return "both logs, of a time before they named the content";
        case post::ComparedMessage::Verdict::one_sided:
            break;
    }
    return "named by its sender's proof only";
}

// `other`: of the other side, or empty.
int check(const std::string& file, const std::string& other, const std::string& directory) {
    std::vector<std::filesystem::path> files = {file};
    if (!other.empty()) files.emplace_back(other);
    const auto checked = server::check_proofs(files, directory);
    if (checked.has_error()) return refuse(checked.error());
    for (const server::CheckedProof& one : *checked) print(one);
    if (other.empty()) return 0;
    const auto messages = post::compare_messages(checked->front().proof, checked->back().proof);
    std::cout << messages.size() << " messages between the two:\n";
    bool agree = true;
    for (const post::ComparedMessage& one : messages) {
        std::cout << one.line.type << ' ' << one.line.id << "  " << one.from.text() << " to "
                  << one.to.text() << "  " << name_of(one.verdict) << '\n';
        agree = agree && one.verdict != post::ComparedMessage::Verdict::differs;
    }
    return agree ? 0 : 1;
}

void add_verify(CLI::App& audit, Action& action) {
    auto where = std::make_shared<Where>();
    CLI::App* command = audit.add_subcommand(
        "verify", "check the chains, the signed checkpoints, and replay every case");
    where->add_to(*command);
    command->callback([where, &action] { action = [where] { return verify(*where); }; });
}

void add_prove(CLI::App& audit, Action& action) {
    struct Options {
        Where where;
        std::string tenant;
        std::uint64_t number = 0;
        std::string out;
        bool withhold = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        audit.add_subcommand("prove", "write a file that proves the lines about a case to others");
    options->where.add_to(*command);
    command->add_option("--tenant", options->tenant, "id of the tenant")->required();
    command->add_option("--case", options->number, "number of the case")->required();
    command->add_option("--out", options->out, "file (default: standard output)");
    command->add_flag("--without-texts", options->withhold,
                      "prove that there are such lines, not what they say");
    command->callback([options, &action] {
        action = [options] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            const auto proof =
                server::prove_audit(*place, options->tenant, options->number, !options->withhold);
            if (proof.has_error()) return refuse(proof.error());
            return write_out(options->out, proof.value());
        };
    });
}

void add_check_proof(CLI::App& audit, Action& action) {
    struct Options {
        std::string file;
        std::string other;
        std::string directory;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        audit.add_subcommand("check-proof", "verify a proof with nothing but the directory");
    command->add_option("file", options->file, "written by audit prove")->required();
    command
        ->add_option("--directory", options->directory,
                     "written by directory export, or the data folder of a member")
        ->required();
    command->add_option("--with", options->other,
                        "a proof of the other side: do both logs name the same messages?");
    command->callback([options, &action] {
        action = [options] { return check(options->file, options->other, options->directory); };
    });
}

void add_export(CLI::App& audit, Action& action) {
    struct Options {
        Where where;
        std::string tenant;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        audit.add_subcommand("export", "the audit log of a tenant, opened, a JSON object a line");
    options->where.add_to(*command);
    command->add_option("--tenant", options->tenant, "id of the tenant")->required();
    command->callback([options, &action] {
        action = [options] {
            const auto place = options->where.place();
            if (place.has_error()) return refuse(place.error());
            const auto done = server::export_audit(
                *place, options->tenant, [](std::string_view line) { std::cout << line << '\n'; });
            return done.has_error() ? refuse(done.error()) : 0;
        };
    });
}

}  // namespace

void add_audit(CLI::App& app, Action& action) {
    CLI::App* audit = app.add_subcommand("audit", "prove that nothing was changed afterwards");
    audit->require_subcommand(1);
    add_verify(*audit, action);
    add_prove(*audit, action);
    add_check_proof(*audit, action);
    add_export(*audit, action);
}

}  // namespace schwarm::cli
