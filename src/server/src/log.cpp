#include "schwarm/server/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace schwarm::server {
namespace {

void append_value(std::string& out, std::string_view value) {
    const bool quoted = value.empty() || value.find_first_of(" \"=") != std::string_view::npos;
    if (quoted) out += '"';
    for (const char c : value) {
        const auto u = static_cast<unsigned char>(c);
        if (u < 0x20 || u == 0x7f) {
            out += ' ';
        } else {
            if (c == '"') out += '\\';
            out += c;
        }
    }
    if (quoted) out += '"';
}

std::string line_of(std::string_view event, Log::Fields fields) {
    std::string out(event);
    for (const Log::Field& field : fields) {
        out += ' ';
        out += field.name;
        out += '=';
        append_value(out, field.value);
    }
    return out;
}

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::debug:
            return spdlog::level::debug;
    }
    return spdlog::level::info;
}

}  // namespace

struct Log::Impl {
    explicit Impl(spdlog::sink_ptr sink) : logger("schwarm", std::move(sink)) {}
    spdlog::logger logger;
};

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(LogLevel level, const std::string& file) {
    try {
        spdlog::sink_ptr sink;
        if (file.empty()) {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        } else {
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
        }
        auto impl = std::make_unique<Impl>(std::move(sink));
        impl->logger.set_level(level_of(level));
        impl->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
        impl->logger.flush_on(spdlog::level::info);
        return std::unique_ptr<Log>(new Log(std::move(impl)));
    } catch (const spdlog::spdlog_ex& e) {
        return fail(ErrorCode::unavailable, std::string("the log cannot be written: ") + e.what(),
                    file);
    }
}

void Log::error(std::string_view event, Fields fields) {
    impl_->logger.error(line_of(event, fields));
}
void Log::warning(std::string_view event, Fields fields) {
    impl_->logger.warn(line_of(event, fields));
}
void Log::info(std::string_view event, Fields fields) {
    impl_->logger.info(line_of(event, fields));
}
void Log::debug(std::string_view event, Fields fields) {
    if (debug_enabled()) impl_->logger.debug(line_of(event, fields));
}
bool Log::debug_enabled() const {
    return impl_->logger.should_log(spdlog::level::debug);
}

}  // namespace schwarm::server
