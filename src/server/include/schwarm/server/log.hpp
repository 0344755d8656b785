// The log: one line an event, "time level event name=value ...". No personal data: names, answers,
// addresses of clients and case contents do not belong here; case ids, element ids, routes,
// counts and durations do.
//
// Thread-safe. The only user of spdlog is log.cpp.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "schwarm/base/result.hpp"
#include "schwarm/server/config.hpp"

namespace schwarm::server {

class Log {
  public:
    // One name=value. Values with spaces are quoted, control characters replaced.
    struct Field {
        std::string_view name;
        std::string value;
        Field(std::string_view n, std::string_view v) : name(n), value(v) {}
        Field(std::string_view n, const std::string& v) : name(n), value(v) {}
        Field(std::string_view n, const char* v) : name(n), value(v) {}
        template <class T>
        requires std::is_integral_v<T> Field(std::string_view n, T v)
            : name(n), value(std::to_string(v)) {}
    };
    using Fields = std::initializer_list<Field>;

    // Empty file: standard error. unavailable if the file cannot be opened.
    static Result<std::unique_ptr<Log>> open(LogLevel level, const std::string& file);
    ~Log();

    void error(std::string_view event, Fields fields = {});
    void warning(std::string_view event, Fields fields = {});
    void info(std::string_view event, Fields fields = {});
    void debug(std::string_view event, Fields fields = {});
    bool debug_enabled() const;

  private:
    struct Impl;
    explicit Log(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::server
