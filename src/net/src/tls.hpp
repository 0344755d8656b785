// What both ends of a TLS connection need.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>

#include "schwarm/base/result.hpp"
#include "schwarm/net/server.hpp"

namespace schwarm::net {

// Reads certificate and key; each error names its file or place.
Result<void> use_certificate(boost::asio::ssl::context& context, const TlsSource& source);
// TLS 1.3 only, and a certificate from the other side. Whose it is is asked afterwards, by
// peer_key(): certificates of members are self-signed, their keys stand in the directory.
void require_peer(boost::asio::ssl::context& context);
// SHA-256 of the SubjectPublicKeyInfo of the peer's certificate, hexadecimal; empty: it has none.
std::string peer_key(const SSL* connection);

}  // namespace schwarm::net
