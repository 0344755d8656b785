#include "schwarm/http/router.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <vector>

#include "schwarm/base/check.hpp"

namespace schwarm::http {
namespace {

constexpr std::size_t kMethodCount = static_cast<std::size_t>(Method::other) + 1;

std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    return segment;
}

struct Route {
    std::string pattern;
    Handler handler;
    RouteOptions options;
    std::vector<std::string> names;  // of the parameters, in order
};

struct Node {
    std::string literal;
    std::vector<std::unique_ptr<Node>> literals;
    std::unique_ptr<Node> param;
    std::unique_ptr<Node> rest;
    std::array<std::unique_ptr<Route>, kMethodCount> routes;
    bool has_routes = false;
};

using Values = std::vector<std::string_view>;

// `values` grows by the parameters on the way; the deepest, most literal node wins.
const Node* find_node(const Node& node, std::string_view path, Values& values) {
    if (path.empty()) return node.has_routes ? &node : nullptr;
    std::string_view after = path;
    const std::string_view segment = take_segment(after);
    for (const auto& child : node.literals) {
        if (child->literal != segment) continue;
        if (const Node* found = find_node(*child, after, values)) return found;
    }
    if (node.param && !segment.empty()) {
        values.push_back(segment);
        if (const Node* found = find_node(*node.param, after, values)) return found;
        values.pop_back();
    }
    if (node.rest && path.size() > 1) {
        values.push_back(path.substr(1));
        return node.rest.get();
    }
    return nullptr;
}

std::string methods_of(const Node& node) {
    std::string out;
    for (std::size_t i = 0; i < kMethodCount; ++i) {
        if (!node.routes[i]) continue;
        out += name_of(static_cast<Method>(i));
        out += ", ";
        if (static_cast<Method>(i) == Method::get) out += "HEAD, ";
    }
    return out + "OPTIONS";
}

const Route* route_for(const Node& node, Method method) {
    if (const auto& route = node.routes[static_cast<std::size_t>(method)]) return route.get();
    if (method == Method::head) return node.routes[static_cast<std::size_t>(Method::get)].get();
    return nullptr;
}

}  // namespace

struct Router::Impl {
    Node root;
    ErrorPage error_page;
};

Router::Router() : impl_(std::make_unique<Impl>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string pattern, Handler handler, RouteOptions options) {
    CHECK(pattern.starts_with('/'), "a pattern starts with '/': " + pattern);
    auto route = std::make_unique<Route>();
    route->handler = std::move(handler);
    route->options = options;
    Node* node = &impl_->root;
    std::string_view path = pattern;
    while (!path.empty()) {
        const std::string_view segment = take_segment(path);
        if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}') {
            const bool rest = segment.ends_with("...}");
            CHECK(!rest || path.empty(), "{rest...} stands at the end: " + pattern);
            route->names.emplace_back(segment.substr(1, segment.size() - (rest ? 5 : 2)));
            std::unique_ptr<Node>& next = rest ? node->rest : node->param;
            if (!next) next = std::make_unique<Node>();
            node = next.get();
            continue;
        }
        CHECK(segment.find_first_of("{}") == std::string_view::npos,
              "braces surround a whole segment: " + pattern);
        auto& children = node->literals;
        auto at = std::find_if(children.begin(), children.end(),
                               [&](const auto& child) { return child->literal == segment; });
        if (at == children.end()) {
            children.push_back(std::make_unique<Node>());
            children.back()->literal = std::string(segment);
            at = std::prev(children.end());
        }
        node = at->get();
    }
    auto& slot = node->routes[static_cast<std::size_t>(method)];
    CHECK(!slot, "two handlers for " + pattern);
    route->pattern = std::move(pattern);
    slot = std::move(route);
    node->has_routes = true;
}

void Router::on_error(ErrorPage page) {
    impl_->error_page = std::move(page);
}

Response Router::error_response(const Request& request, const Error& error, int status) const {
    if (impl_->error_page) return impl_->error_page(request, error, status);
    return problem(error, request.id, status);
}

std::size_t Router::body_bytes_max(Method method, std::string_view path) const {
    Values values;
    const Node* node = path.starts_with('/') ? find_node(impl_->root, path, values) : nullptr;
    const Route* route = node != nullptr ? route_for(*node, method) : nullptr;
    return route != nullptr ? route->options.body_bytes_max : kBodyBytesMax;
}

void Router::dispatch(Request& request, Respond respond) const {
    Values values;
    const Node* node =
        request.path.starts_with('/') ? find_node(impl_->root, request.path, values) : nullptr;
    if (node == nullptr) {
        respond(error_response(request, fail(ErrorCode::not_found, "there is nothing here"), 404));
        return;
    }
    const Route* route = route_for(*node, request.method);
    if (route == nullptr) {
        if (request.method == Method::options) {
            respond(Response::empty().header("Allow", methods_of(*node)));
            return;
        }
        Response response = error_response(
            request, fail(ErrorCode::unsupported, "this address does not take this method"), 405);
        response.header("Allow", methods_of(*node));
        respond(std::move(response));
        return;
    }
    request.params = Fields{};
    for (std::size_t i = 0; i < route->names.size(); ++i) {
        request.params.add(route->names[i], std::string(values[i]));
    }
    request.route = route->pattern;
    try {
        route->handler(request, respond);
    } catch (const std::exception& e) {
        respond(error_response(request, fail(ErrorCode::internal, e.what()), 500));
    }
}

}  // namespace schwarm::http
