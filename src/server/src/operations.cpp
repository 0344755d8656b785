#include "operations.hpp"

#include <unistd.h>

#include <fstream>

#include "schwarm/json/writer.hpp"

namespace schwarm::server {

std::uint64_t resident_bytes() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    in >> size >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void add_health(http::Router& router, const Probes& probes) {
    router.get("/health/live", [](const http::Request&, const http::Respond& respond) {
        respond(http::Response::json("{\"status\":\"ok\"}\n"));
    });
    router.get("/health", [reasons = probes.reasons, warnings = probes.warnings](
                              const http::Request&, const http::Respond& respond) {
        const std::vector<std::string> failing = reasons();
        json::Writer writer;
        writer.begin_object();
        writer.member("status", failing.empty() ? "ok" : "failing");
        writer.member("version", SCHWARM_VERSION);
        writer.name("reasons").begin_array();
        for (const std::string& reason : failing) writer.value(reason);
        writer.end_array();
        if (warnings) {
            writer.name("warnings").begin_array();
            for (const std::string& warning : warnings()) writer.value(warning);
            writer.end_array();
        }
        writer.end_object();
        respond(http::Response::json(writer.take() + "\n", failing.empty() ? 200 : 503));
    });
}

void add_metrics(http::Router& router, const Probes& probes) {
    router.get("/metrics", [metrics = probes.metrics](const http::Request&,
                                                      const http::Respond& respond) {
        MetricsText text;
        text.single("schwarm_resident_bytes", "gauge", "Resident memory.", resident_bytes());
        metrics(text);
        respond(http::Response::make(200, "text/plain; version=0.0.4; charset=utf-8", text.take()));
    });
}

}  // namespace schwarm::server
