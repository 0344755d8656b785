#include "parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "schwarm/http/url.hpp"

namespace schwarm::net {
namespace {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using beast::string_view;

http::Method method_of(bhttp::verb verb) {
    switch (verb) {
        case bhttp::verb::get:
            return http::Method::get;
        case bhttp::verb::head:
            return http::Method::head;
        case bhttp::verb::post:
            return http::Method::post;
        case bhttp::verb::put:
            return http::Method::put;
        case bhttp::verb::patch:
            return http::Method::patch;
        case bhttp::verb::delete_:
            return http::Method::del;
        case bhttp::verb::options:
            return http::Method::options;
        default:
            return http::Method::other;
    }
}

// "name", "name:80", "[::1]:80" without the port.
std::string_view host_name(std::string_view host) {
    if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
    return host.substr(0, host.find(':'));
}

struct Refusal {
    int status = 0;
    Error error;
};

struct Surroundings {
    const http::Router& router;
    const Limits& limits;
    BodyBudget& budget;
    const std::vector<std::string>& hosts;
};

// Fills one http::Request. Thrown away after each request, as Beast's parsers are.
class RequestParser final : public bhttp::basic_parser<true> {
  public:
    explicit RequestParser(const Surroundings& around) : around_(around) {
        eager(true);
        header_limit(static_cast<std::uint32_t>(around.limits.header_bytes_max));
        body_limit(boost::none);
    }
    ~RequestParser() override { around_.budget.give_back(held_); }

    http::Request request;
    std::optional<Refusal> refusal;
    bool expects_continue = false;
    std::size_t declared = 0;

    void refuse(int status, ErrorCode code, std::string message, std::string where = {}) {
        if (!refusal) refusal = Refusal{status, fail(code, std::move(message), std::move(where))};
    }

  protected:
    using Code = beast::error_code;

    void stop(Code& ec, int status, ErrorCode code, std::string message, std::string where = {}) {
        refuse(status, code, std::move(message), std::move(where));
        ec = bhttp::make_error_code(bhttp::error::bad_value);
    }

    void on_request_impl(bhttp::verb method, string_view, string_view target, int version,
                         Code& ec) override {
        request.method = method_of(method);
        version_ = version;
        auto parsed = http::parse_target({target.data(), target.size()});
        if (parsed.has_error()) {
            stop(ec, 400, parsed.error().code, parsed.error().message, parsed.error().where);
            return;
        }
        request.path = std::move(parsed.value().path);
        request.query = std::move(parsed.value().query);
        request.target.assign(target.data(), target.size());
    }
    void on_response_impl(int, string_view, int, Code&) override {}

    void on_field_impl(bhttp::field name, string_view name_text, string_view value,
                       Code& ec) override {
        // Trailers carry nothing this server uses.
        if (header_complete_) return;
        if (request.headers.size() >= around_.limits.header_fields_max) {
            stop(ec, 431, ErrorCode::limit_exceeded, "too many header fields");
            return;
        }
        const std::string_view text(value.data(), value.size());
        if (name == bhttp::field::host) {
            if (++host_fields_ > 1) {
                stop(ec, 400, ErrorCode::invalid_input, "there are two Host fields", "Host");
                return;
            }
            check_host(text, ec);
        } else if (name == bhttp::field::transfer_encoding) {
            if (!http::equal_ignoring_case(text, "chunked")) {
                stop(ec, 501, ErrorCode::unsupported, "only the transfer encoding chunked is read",
                     "Transfer-Encoding");
                return;
            }
        } else if (name == bhttp::field::expect) {
            if (!http::equal_ignoring_case(text, "100-continue")) {
                stop(ec, 417, ErrorCode::unsupported, "this expectation cannot be met", "Expect");
                return;
            }
            expects_continue = true;
        }
        request.headers.add(std::string(name_text.data(), name_text.size()), std::string(text));
    }

    void on_header_impl(Code& ec) override {
        header_complete_ = true;
        if (version_ == 11 && host_fields_ == 0) {
            stop(ec, 400, ErrorCode::invalid_input, "the Host field is missing", "Host");
            return;
        }
        body_max_ = around_.router.body_bytes_max(request.method, request.path);
        if (const auto length = content_length()) {
            if (*length > body_max_) {
                too_large(ec);
                return;
            }
            declared = static_cast<std::size_t>(*length);
        }
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) override {
        // Reserved pages become resident only when bytes arrive.
        if (length) request.body.reserve(static_cast<std::size_t>(*length));
    }

    std::size_t on_body_impl(string_view piece, Code& ec) override {
        take(piece, ec);
        return ec ? 0 : piece.size();
    }

    void on_chunk_header_impl(std::uint64_t size, string_view, Code& ec) override {
        if (size > body_max_ - request.body.size()) too_large(ec);
    }

    std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, Code& ec) override {
        take(piece, ec);
        return ec ? 0 : piece.size();
    }

    void on_finish_impl(Code&) override {}

  private:
    void check_host(std::string_view value, Code& ec) {
        if (around_.hosts.empty()) return;
        const std::string_view name = host_name(value);
        for (const std::string& allowed : around_.hosts) {
            if (http::equal_ignoring_case(name, allowed)) return;
        }
        stop(ec, 421, ErrorCode::invalid_input, "this server does not answer for this name",
             "Host");
    }

    void too_large(Code& ec) {
        stop(ec, 413, ErrorCode::limit_exceeded,
             "the body may have at most " + std::to_string(body_max_) + " bytes", "body");
    }

    void take(string_view piece, Code& ec) {
        if (piece.size() > body_max_ - request.body.size()) {
            too_large(ec);
            return;
        }
        if (!around_.budget.take(piece.size())) {
            stop(ec, 503, ErrorCode::unavailable, "too many uploads at the same time");
            return;
        }
        held_ += piece.size();
        request.body.append(piece.data(), piece.size());
    }

    const Surroundings& around_;
    std::size_t body_max_ = 0;
    std::size_t held_ = 0;
    int version_ = 11;
    int host_fields_ = 0;
    bool header_complete_ = false;
};

}  // namespace

struct Parser::Impl {
    explicit Impl(const Surroundings& surroundings) : around(surroundings) {
        parser.emplace(around);
    }

    Surroundings around;
    std::optional<RequestParser> parser;
    std::size_t header_bytes = 0;
    bool started = false;

    void refuse_by(beast::error_code ec) {
        if (ec == bhttp::error::header_limit) {
            parser->refuse(431, ErrorCode::limit_exceeded, "the header is too long");
        } else if (ec == bhttp::error::bad_version) {
            parser->refuse(505, ErrorCode::unsupported, "only HTTP/1.0 and HTTP/1.1 are spoken");
        } else {
            parser->refuse(400, ErrorCode::not_well_formed, ec.message(), "request");
        }
    }
};

Parser::Parser(const http::Router& router, const Limits& limits, BodyBudget& budget,
               const std::vector<std::string>& hosts)
    : impl_(std::make_unique<Impl>(Surroundings{router, limits, budget, hosts})) {}

Parser::~Parser() = default;

Parser::State Parser::put(std::string_view data, std::size_t& used) {
    Impl& impl = *impl_;
    RequestParser& parser = *impl.parser;
    used = 0;
    const std::size_t header_max = impl.around.limits.header_bytes_max;
    while (used < data.size()) {
        impl.started = true;
        const bool in_header = !parser.is_header_done();
        const std::string_view rest = data.substr(used);
        beast::error_code ec;
        const std::size_t taken = parser.put({rest.data(), rest.size()}, ec);
        used += taken;
        if (in_header && !parser.is_header_done()) {
            impl.header_bytes += taken;
            if (!ec || ec == bhttp::error::need_more) {
                if (impl.header_bytes + data.size() - used >= header_max) {
                    ec = bhttp::make_error_code(bhttp::error::header_limit);
                }
            }
        }
        if (ec == bhttp::error::need_more) {
            // A chunk header or trailer that does not end within the buffer.
            if (parser.is_header_done() && data.size() - used >= header_max) {
                parser.refuse(400, ErrorCode::limit_exceeded, "a chunk's header is too long");
                return State::refused;
            }
            return State::needs_more;
        }
        if (ec) {
            impl.refuse_by(ec);
            return State::refused;
        }
        if (parser.is_done()) return State::complete;
        if (taken == 0) return State::needs_more;
    }
    return State::needs_more;
}

bool Parser::started() const {
    return impl_->started;
}
bool Parser::header_done() const {
    return impl_->parser->is_header_done();
}
bool Parser::wants_continue() const {
    return impl_->parser->is_header_done() && impl_->parser->expects_continue;
}
bool Parser::keep_alive() const {
    return impl_->parser->keep_alive();
}
std::size_t Parser::declared_body_bytes() const {
    return impl_->parser->declared;
}
int Parser::refused_status() const {
    return impl_->parser->refusal->status;
}
const Error& Parser::refused_error() const {
    return impl_->parser->refusal->error;
}
http::Request& Parser::request() {
    return impl_->parser->request;
}

void Parser::reset() {
    impl_->parser.emplace(impl_->around);
    impl_->header_bytes = 0;
    impl_->started = false;
}

}  // namespace schwarm::net
