#include "metadata.hpp"

#include <map>

#include "schwarm/json/json.hpp"
#include "xml_writer.hpp"

namespace schwarm::xroad {
namespace {

constexpr std::string_view kNamespace = "http://x-road.eu/xsd/xroad.xsd";
constexpr std::string_view kIdentifiers = "http://x-road.eu/xsd/identifiers";

// A line of listClients: a member, or one of its tenants.
struct Line {
    SubsystemId id;
    std::string name;            // of the member
    std::string subsystem_name;  // of the tenant
    std::string_view type() const { return id.subsystem.empty() ? "MEMBER" : "SUBSYSTEM"; }
};

std::vector<Line> lines_of(const Settings& settings, const std::vector<Client>& clients) {
    std::map<exchange::MemberId, std::map<TenantId, const Client*>> members;
    for (const Client& one : clients) members[one.address.member][one.address.tenant] = &one;
    std::vector<Line> lines;
    for (const auto& [member, tenants] : members) {
        const std::string& organisation = tenants.begin()->second->organisation;
        lines.push_back(
            {{settings.instance, std::string(kMemberClass), member.value(), ""}, organisation, ""});
        for (const auto& [tenant, client] : tenants) {
            lines.push_back({id_of(settings, client->address), organisation, client->name});
        }
    }
    return lines;
}

json::Value id_members(const SubsystemId& id) {
    json::Value out = json::Value::object();
    out.set("xroad_instance", id.instance);
    out.set("member_class", id.member_class);
    out.set("member_code", id.member);
    if (!id.subsystem.empty()) out.set("subsystem_code", id.subsystem);
    return out;
}

json::Value problem_answer(std::string_view description) {
    json::Value content = json::Value::object();
    content.set("application/problem+json",
                json::Value::object(
                    {{"schema", json::Value::object({{"$ref", "#/components/schemas/Problem"}})}}));
    return json::Value::object({{"description", description}, {"content", std::move(content)}});
}

json::Value answers() {
    json::Value content = json::Value::object();
    content.set(
        "application/json",
        json::Value::object(
            {{"schema", json::Value::object({{"$ref", "#/components/schemas/Evidence"}})}}));
    json::Value out = json::Value::object();
    out.set("200", json::Value::object(
                       {{"description", "Der Nachweis"}, {"content", std::move(content)}}));
    out.set("400", problem_answer("Die Angaben passen nicht"));
    out.set("403", problem_answer("Die nachweisliefernde Stelle lehnt ab"));
    out.set("404", problem_answer("Zu den Angaben gibt es keinen oder mehr als einen Eintrag"));
    return out;
}

json::Value schema_of(const Attribute& attribute) {
    json::Value out = json::Value::object({{"type", "string"}});
    if (!attribute.format.empty()) out.set("format", attribute.format);
    return out;
}

json::Value any_texts() {
    return json::Value::object(
        {{"type", "object"}, {"additionalProperties", json::Value::object({{"type", "string"}})}});
}

json::Value operation_by_query(const Offer& offer) {
    json::Value parameters = json::Value::array();
    // Every property of the object is a parameter of its own.
    if (offer.any_attributes) {
        parameters.push_back(json::Value::object({{"name", "attributes"},
                                                  {"in", "query"},
                                                  {"style", "form"},
                                                  {"explode", true},
                                                  {"schema", any_texts()}}));
    }
    for (const Attribute& one : offer.attributes) {
        json::Value parameter = json::Value::object();
        parameter.set("name", one.name);
        parameter.set("in", "query");
        parameter.set("required", one.required);
        if (!one.title.empty()) parameter.set("description", one.title);
        parameter.set("schema", schema_of(one));
        parameters.push_back(std::move(parameter));
    }
    return json::Value::object({{"operationId", "getEvidence"},
                                {"parameters", std::move(parameters)},
                                {"responses", answers()}});
}

json::Value operation_by_body() {
    json::Value content = json::Value::object();
    content.set(
        "application/json",
        json::Value::object(
            {{"schema", json::Value::object({{"$ref", "#/components/schemas/Attributes"}})}}));
    json::Value body = json::Value::object({{"required", true}, {"content", std::move(content)}});
    return json::Value::object({{"operationId", "postEvidence"},
                                {"requestBody", std::move(body)},
                                {"responses", answers()}});
}

json::Value attributes_schema(const Offer& offer) {
    if (offer.any_attributes) return any_texts();
    json::Value properties = json::Value::object();
    json::Value required = json::Value::array();
    for (const Attribute& one : offer.attributes) {
        json::Value property = schema_of(one);
        if (!one.title.empty()) property.set("title", one.title);
        properties.set(one.name, std::move(property));
        if (one.required) required.push_back(one.name);
    }
    json::Value out = json::Value::object({{"type", "object"}, {"additionalProperties", false}});
    out.set("properties", std::move(properties));
    // An empty list is not allowed there.
    if (!required.items().empty()) out.set("required", std::move(required));
    return out;
}

// Without what names the dialect, which OpenAPI 3.0 does not know.
json::Value evidence_schema(const Offer& offer) {
    auto parsed = json::parse(offer.schema);
    if (parsed.has_error() || !parsed.value().is_object()) {
        return json::Value::object({{"type", "object"}});
    }
    std::erase_if(parsed.value().members(), [](const json::Value::Member& one) {
        return one.first == "$schema" || one.first == "$id" || one.first == "id";
    });
    return std::move(parsed.value());
}

json::Value problem_schema() {
    json::Value properties = json::Value::object();
    for (const char* name : {"type", "title", "detail"}) {
        properties.set(name, json::Value::object({{"type", "string"}}));
    }
    properties.set("status", json::Value::object({{"type", "integer"}}));
    return json::Value::object({{"type", "object"}, {"properties", std::move(properties)}});
}

}  // namespace

std::string client_list_json(const Settings& settings, const std::vector<Client>& clients) {
    json::Value members = json::Value::array();
    for (const Line& line : lines_of(settings, clients)) {
        json::Value id = id_members(line.id);
        id.set("object_type", line.type());
        json::Value member = json::Value::object({{"id", std::move(id)}, {"name", line.name}});
        if (!line.id.subsystem.empty()) member.set("subsystem_name", line.subsystem_name);
        members.push_back(std::move(member));
    }
    return json::to_string(json::Value::object({{"member", std::move(members)}}));
}

std::string client_list_xml(const Settings& settings, const std::vector<Client>& clients) {
    XmlWriter writer;
    writer.begin("xroad:clientList", {{"xmlns:xroad", kNamespace}, {"xmlns:id", kIdentifiers}});
    for (const Line& line : lines_of(settings, clients)) {
        writer.begin("xroad:member");
        writer.begin("xroad:id", {{"id:objectType", line.type()}});
        writer.element("id:xRoadInstance", line.id.instance);
        writer.element("id:memberClass", line.id.member_class);
        writer.element("id:memberCode", line.id.member);
        if (!line.id.subsystem.empty()) writer.element("id:subsystemCode", line.id.subsystem);
        writer.end("xroad:id");
        writer.element("xroad:name", line.name);
        writer.end("xroad:member");
    }
    writer.end("xroad:clientList");
    return writer.take();
}

std::string method_list(const SubsystemId& provider, const std::vector<Method>& methods) {
    json::Value services = json::Value::array();
    for (const Method& method : methods) {
        json::Value service = id_members(provider);
        service.set("object_type", "SERVICE");
        service.set("service_code", method.evidence);
        service.set("service_type", "OPENAPI");
        json::Value endpoints = json::Value::array();
        for (const std::string& path : method.paths) {
            for (const char* verb : {"GET", "POST"}) {
                endpoints.push_back(json::Value::object({{"method", verb}, {"path", path}}));
            }
        }
        service.set("endpoint_list", std::move(endpoints));
        services.push_back(std::move(service));
    }
    return json::to_string(json::Value::object({{"service", std::move(services)}}));
}

std::string open_api(const SubsystemId& provider, const Offer& offer) {
    json::Value document = json::Value::object({{"openapi", "3.0.3"}});
    document.set("info",
                 json::Value::object({{"title", offer.title.empty() ? offer.evidence : offer.title},
                                      {"version", "1"}}));
    const std::string url = "/r1/" + ServiceId{provider, offer.evidence}.text();
    document.set("servers", json::Value::array({json::Value::object({{"url", url}})}));
    json::Value path = json::Value::object();
    path.set("get", operation_by_query(offer));
    path.set("post", operation_by_body());
    document.set("paths", json::Value::object({{"/", std::move(path)}}));
    json::Value schemas = json::Value::object();
    schemas.set("Evidence", evidence_schema(offer));
    schemas.set("Attributes", attributes_schema(offer));
    schemas.set("Problem", problem_schema());
    document.set("components", json::Value::object({{"schemas", std::move(schemas)}}));
    return json::to_string(document);
}

}  // namespace schwarm::xroad
