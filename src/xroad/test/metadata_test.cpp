#include "fixture.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::xroad {
namespace {

using MetadataTest = Node;

json::Value parsed(const http::Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
    auto value = json::parse(response.body);
    EXPECT_TRUE(value.has_value()) << response.body;
    return value.has_value() ? std::move(value.value()) : json::Value();
}

TEST_F(MetadataTest, ListClientsAsJson) {
    http::Request request;  // no header of X-Road is needed
    request.path = "/listClients";
    request.headers.add("Accept", "text/html, application/json;q=0.1");
    EXPECT_EQ(json::to_string(parsed(call(std::move(request)))),
              json::to_string(*json::parse(R"({"member": [
{"id": {"xroad_instance": "SCHWARM", "member_class": "GOV", "member_code": "halle",
        "object_type": "MEMBER"}, "name": "Stadt Halle"},
{"id": {"xroad_instance": "SCHWARM", "member_class": "GOV", "member_code": "halle",
        "subsystem_code": "kfz", "object_type": "SUBSYSTEM"}, "name": "Stadt Halle",
 "subsystem_name": "Kfz"},
{"id": {"xroad_instance": "SCHWARM", "member_class": "GOV", "member_code": "halle",
        "subsystem_code": "wohngeld", "object_type": "SUBSYSTEM"}, "name": "Stadt Halle",
 "subsystem_name": "Wohngeldstelle <Halle> & Umland"},
{"id": {"xroad_instance": "SCHWARM", "member_class": "GOV", "member_code": "lecos",
        "object_type": "MEMBER"}, "name": "Lecos GmbH"},
{"id": {"xroad_instance": "SCHWARM", "member_class": "GOV", "member_code": "lecos",
        "subsystem_code": "meldeamt", "object_type": "SUBSYSTEM"}, "name": "Lecos GmbH",
 "subsystem_name": "Meldeamt Leipzig"}]})")));
}

TEST_F(MetadataTest, ListClientsAsXml) {
    gateway_.known.front().organisation = "Lecos <GmbH> & \"Co\"\x01";
    http::Request request;
    request.path = "/listClients";
    request.query = "xRoadInstance=SCHWARM";
    const auto response = call(std::move(request));
    EXPECT_EQ(response.headers.get("Content-Type"), "text/xml;charset=utf-8");
    const auto document = xml::Document::parse(response.body, "listClients");
    ASSERT_TRUE(document.has_value()) << response.body;
    const auto root = document->root();
    EXPECT_TRUE(root.is("http://x-road.eu/xsd/xroad.xsd", "clientList"));
    std::vector<std::string> types;
    for (const auto member : root.children()) {
        const auto id = member.child("http://x-road.eu/xsd/xroad.xsd", "id");
        const auto part = [&](const char* name) {
            return id.child("http://x-road.eu/xsd/identifiers", name).text();
        };
        types.push_back(
            std::string(*id.attribute("http://x-road.eu/xsd/identifiers", "objectType")) + " " +
            part("xRoadInstance") + "/" + part("memberClass") + "/" + part("memberCode") + "/" +
            part("subsystemCode") + " " + member.child("name").text());
    }
    const std::vector<std::string> expected = {
        "MEMBER SCHWARM/GOV/halle/ Stadt Halle", "SUBSYSTEM SCHWARM/GOV/halle/kfz Stadt Halle",
        "SUBSYSTEM SCHWARM/GOV/halle/wohngeld Stadt Halle",
        "MEMBER SCHWARM/GOV/lecos/ Lecos <GmbH> & \"Co\"\xEF\xBF\xBD",
        "SUBSYSTEM SCHWARM/GOV/lecos/meldeamt Lecos <GmbH> & \"Co\"\xEF\xBF\xBD"};
    EXPECT_EQ(types, expected);
}

TEST_F(MetadataTest, ListClientsOfAnotherInstance) {
    http::Request request;
    request.path = "/listClients";
    request.query = "xRoadInstance=EE";
    request.id = "r1";
    EXPECT_EQ(fault(call(std::move(request))), "client.bad_request");
}

TEST_F(MetadataTest, ListMethods) {
    gateway_.agreed.clear();
    const auto response = call(get("/r1/SCHWARM/GOV/lecos/meldeamt/listMethods"));
    EXPECT_EQ(json::to_string(parsed(response)),
              json::to_string(*json::parse(R"({"service": [{"xroad_instance": "SCHWARM",
"member_class": "GOV", "member_code": "lecos", "subsystem_code": "meldeamt",
"object_type": "SERVICE", "service_code": "meldebescheinigung", "service_type": "OPENAPI",
"endpoint_list": [{"method": "GET", "path": "/"}, {"method": "POST", "path": "/"},
                  {"method": "GET", "path": "/*"}, {"method": "POST", "path": "/*"}]}]})")));
    EXPECT_EQ(response.headers.get("X-Road-Service"), "SCHWARM/GOV/lecos/meldeamt/listMethods");
    EXPECT_TRUE(response.headers.has("X-Road-Request-Hash"));
    EXPECT_EQ(gateway_.records.size(), 1U);
}

TEST_F(MetadataTest, MetaservicesWantAProvenClientToo) {
    auto request = get("/r1/SCHWARM/GOV/lecos/meldeamt/listMethods");
    request.peer_key = "cc33";
    EXPECT_EQ(fault(call(std::move(request))), "server.clientproxy.ssl_authentication_failed");
}

TEST_F(MetadataTest, AllowedMethods) {
    const auto allowed = [&] {
        const auto value = parsed(call(get("/r1/SCHWARM/GOV/lecos/meldeamt/allowedMethods")));
        std::string paths;
        for (const auto& service : value.find("service")->items()) {
            paths += service.string_or("service_code", "") + ":";
            for (const auto& endpoint : service.find("endpoint_list")->items()) {
                if (endpoint.string_or("method", "") == "GET") {
                    paths += endpoint.string_or("path", "");
                }
            }
        }
        return paths;
    };
    EXPECT_EQ(allowed(), "meldebescheinigung://wohngeld");
    gateway_.agreed.push_back(agreement());
    gateway_.agreed.back().service = "bafoeg";
    EXPECT_EQ(allowed(), "meldebescheinigung:/bafoeg/wohngeld");
    gateway_.agreed.push_back(gateway_.agreed.back());
    gateway_.agreed.back().purpose = "Statistik";
    EXPECT_EQ(allowed(), "meldebescheinigung:/wohngeld");
    gateway_.offered["meldeamt@lecos"].front().preview = true;
    EXPECT_EQ(allowed(), "");
    gateway_.offered["meldeamt@lecos"].front().preview = false;
    gateway_.agreed.clear();
    EXPECT_EQ(allowed(), "");
}

TEST_F(MetadataTest, KindsThatAreNoIdentifiersAreNotListed) {
    gateway_.offered["meldeamt@lecos"].push_back(meldebescheinigung());
    gateway_.offered["meldeamt@lecos"].back().evidence = "a/../b";
    const auto value = parsed(call(get("/r1/SCHWARM/GOV/lecos/meldeamt/listMethods")));
    EXPECT_EQ(value.find("service")->items().size(), 1U);
}

TEST_F(MetadataTest, OpenApi) {
    const std::string path = "/r1/SCHWARM/GOV/lecos/meldeamt/getOpenAPI";
    const auto document = parsed(call(get(path, "serviceCode=meldebescheinigung")));
    EXPECT_EQ(document.string_or("openapi", ""), "3.0.3");
    EXPECT_EQ(document.find("info")->string_or("title", ""), "Meldebescheinigung");
    EXPECT_EQ(document.find("servers")->items().front().string_or("url", ""), kService);
    const auto& operations = *document.find("paths")->find("/");
    const auto& parameters = operations.find("get")->find("parameters")->items();
    ASSERT_EQ(parameters.size(), 3U);
    EXPECT_EQ(json::to_string(parameters[1]),
              R"({"name":"geburtsdatum","in":"query","required":true,)"
              R"("description":"Geburtsdatum","schema":{"type":"string","format":"date"}})");
    EXPECT_NE(operations.find("post")->find("requestBody"), nullptr);
    const auto& schemas = *document.find("components")->find("schemas");
    EXPECT_EQ(json::to_string(*schemas.find("Evidence")),
              R"({"type":"object","properties":{"gemeldet":{"type":"boolean"}}})");
    EXPECT_EQ(json::to_string(*schemas.find("Attributes")->find("required")),
              R"(["familienname","geburtsdatum"])");
}

TEST_F(MetadataTest, OpenApiWithoutASchema) {
    for (const char* schema : {"", "nonsense", "[]"}) {
        gateway_.offered["meldeamt@lecos"].front().schema = schema;
        const auto document = parsed(call(
            get("/r1/SCHWARM/GOV/lecos/meldeamt/getOpenAPI", "serviceCode=meldebescheinigung")));
        EXPECT_EQ(json::to_string(*document.find("components")->find("schemas")->find("Evidence")),
                  R"({"type":"object"})");
    }
}

TEST_F(MetadataTest, OpenApiWithoutKnownAttributes) {
    Offer& offer = gateway_.offered["meldeamt@lecos"].front();
    offer.attributes.clear();
    offer.any_attributes = true;
    const auto document = parsed(
        call(get("/r1/SCHWARM/GOV/lecos/meldeamt/getOpenAPI", "serviceCode=meldebescheinigung")));
    EXPECT_EQ(json::to_string(*document.find("components")->find("schemas")->find("Attributes")),
              R"({"type":"object","additionalProperties":{"type":"string"}})");
    const auto* get = document.find("paths")->find("/")->find("get");
    EXPECT_EQ(get->find("parameters")->items().size(), 1U);
}

TEST_F(MetadataTest, OpenApiErrors) {
    const std::string path = "/r1/SCHWARM/GOV/lecos/meldeamt/getOpenAPI";
    for (const char* query : {"", "serviceCode=", "serviceCode=a&serviceCode=b", "other=a"}) {
        EXPECT_EQ(fault(call(get(path, query))), "server.serverproxy.invalid_request") << query;
    }
    EXPECT_EQ(fault(call(get(path, "serviceCode=%zz"))), "client.bad_request");
    EXPECT_EQ(fault(call(get(path, "serviceCode=listMethods"))),
              "server.serverproxy.unknown_service");
}

}  // namespace
}  // namespace schwarm::xroad
