#include "schwarm/exchange/envelope.hpp"

#include <gtest/gtest.h>

#include <set>

#include "schwarm/base/calendar.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Instant kNow = DateTime::parse("2026-03-01T10:30:00.25Z")->to_instant();
const Address kLeipzig = parse_address("kfz-leipzig@lecos").value();
const Address kAachen = parse_address("kfz-aachen@regioit").value();

class Envelopes : public testing::Test {
  protected:
    Envelopes() {
        envelope.from = kLeipzig;
        envelope.to = kAachen;
        envelope.type = "ikfz/halterwechsel";
        envelope.conversation = "c-17";
        envelope.id = "m-1";
        envelope.sequence = 1;
        envelope.time = kNow;
        envelope.purpose = "Umschreibung";
        envelope.legal_basis = "§ 15 FZV";
        envelope.expires = kNow + hours(24);
        envelope.body = json::parse(R"({"halter":{"name":"Erika Mustermann",
            "geboren":"1964-08-12"},"kennzeichen":"L-EM 1964"})")
                            .value();
        envelope.documents.push_back(document("antrag", "Antrag von Erika Mustermann"));
    }
    Document document(const std::string& id, std::string_view bytes) {
        DocumentMeasure measure;
        measure.add(bytes);
        return measure.finish(id, "application/pdf", random).value();
    }
    Result<std::string> make() {
        return make_envelope(envelope, sender, receiver.public_key, cryptography, random);
    }
    Result<PublicKey> lookup(const Address& address, std::string_view kid) const {
        if (address != kLeipzig || kid != sender.public_key.kid) {
            return fail(ErrorCode::not_found, "no such key", address.text());
        }
        return sender.public_key;
    }
    Result<OpenedEnvelope> open(std::string_view jwe, Acceptance acceptance = {kNow}) const {
        return open_envelope(
            jwe, kAachen, receiver,
            [this](const Address& address, std::string_view kid) { return lookup(address, kid); },
            cryptography, acceptance);
    }
    // The header and the signed text of an envelope, for those who forge one.
    json::Value header() {
        json::Value out = peek_jwe(make().value()).value();
        auto& members = out.members();
        std::erase_if(members, [](const json::Value::Member& member) {
            return member.first == "alg" || member.first == "enc" || member.first == "kid" ||
                   member.first == "epk";
        });
        return out;
    }
    json::Value payload() {
        const std::string jws = cryptography.open(receiver, make().value()).value();
        return json::parse(peek_jws(jws)->payload).value();
    }
    Result<OpenedEnvelope> forged(const json::Value& outer, const json::Value& inner) {
        return forged(outer,
                      cryptography.sign(sender, kMessageJws, json::to_string(inner)).value());
    }
    Result<OpenedEnvelope> forged(const json::Value& outer, const std::string& jws) {
        return open(cryptography.seal(receiver.public_key, outer, jws, random).value());
    }
    std::string place(const Result<OpenedEnvelope>& opened) const {
        return opened ? "accepted" : opened.error().where;
    }

    ManualClock clock{kNow};
    SeededRandom random{41};
    JoseCryptography cryptography{clock};
    KeyPair sender = cryptography.make_key(KeyUse::sign, random).value();
    KeyPair receiver = cryptography.make_key(KeyUse::seal, random).value();
    Envelope envelope;
};

TEST_F(Envelopes, ArriveAsTheyWereSent) {
    const auto opened = open(make().value());
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    const Envelope& got = opened->envelope;
    EXPECT_TRUE(static_cast<const Routing&>(got) == envelope);
    EXPECT_EQ(got.expires, envelope.expires);
    EXPECT_TRUE(got.body == envelope.body);
    ASSERT_EQ(got.documents.size(), 1U);
    EXPECT_EQ(got.documents[0].id, "antrag");
    EXPECT_EQ(got.documents[0].type, "application/pdf");
    EXPECT_EQ(got.documents[0].length, envelope.documents[0].length);
    EXPECT_EQ(got.documents[0].sha256, envelope.documents[0].sha256);
    EXPECT_EQ(got.documents[0].key.bytes(), envelope.documents[0].key.bytes());
    EXPECT_EQ(opened->signer, sender.public_key.kid);
    EXPECT_TRUE(cryptography.verify(sender.public_key, kMessageJws, opened->jws).has_value());
}

TEST_F(Envelopes, EveryKindOfBody) {
    for (const char* const text : {"null", "true", "7", "\"Zeile\\nZwei\"", "[]",
                                   "{\"a\":[1,2.50]}", "\"\\u0000\\u2028<&>\""}) {
        envelope.body = json::parse(text).value();
        const auto opened = open(make().value());
        ASSERT_TRUE(opened.has_value()) << text << opened.error().text();
        EXPECT_TRUE(opened->envelope.body == envelope.body) << text;
    }
}

TEST_F(Envelopes, NoPersonalTextInTheProtectedHeader) {
    const std::string jwe = make().value();
    const std::string text = crypto::base64url_decode(jwe.substr(0, jwe.find('.'))).value();
    for (const char* const personal :
         {"Erika", "Mustermann", "1964", "L-EM", "antrag", "halter\""}) {
        EXPECT_EQ(text.find(personal), std::string::npos) << personal;
        EXPECT_EQ(jwe.find(personal), std::string::npos) << personal;
    }
    std::set<std::string> names;
    const json::Value header = peek_jwe(jwe).value();
    for (const auto& [name, value] : header.members()) names.insert(name);
    EXPECT_EQ(names, (std::set<std::string>{"alg", "enc", "kid", "epk", "typ", "version", "from",
                                            "to", "type", "conversation", "id", "sequence", "time",
                                            "purpose", "legal_basis"}));
    EXPECT_TRUE(read_header(jwe).value() == envelope);
}

TEST_F(Envelopes, MisaddressedIsRefused) {
    const std::string jwe = make().value();
    const auto other = open_envelope(
        jwe, kLeipzig, receiver,
        [this](const Address& address, std::string_view kid) { return lookup(address, kid); },
        cryptography, {kNow});
    EXPECT_EQ(place(other), "envelope /to");
    const KeyPair foreign = cryptography.make_key(KeyUse::seal, random).value();
    EXPECT_EQ(place(open_envelope(jwe, kAachen, foreign,
                                  [this](const Address& address, std::string_view kid) {
                                      return lookup(address, kid);
                                  },
                                  cryptography, {kNow})),
              "JWE header /kid");
}

// A receiver seals what it got anew, so that another believes the sender had written to it.
TEST_F(Envelopes, ForwardingUnderTheSendersNameIsRefused) {
    envelope.to = parse_address("kba@bund").value();
    const std::string jws = cryptography.open(receiver, make().value()).value();
    json::Value outer = header();
    outer.set("to", kAachen.text());
    EXPECT_EQ(place(forged(outer, jws)), "envelope /to");
}

TEST_F(Envelopes, HeaderAndSignedTextMustSayTheSame) {
    const json::Value outer = header();
    const json::Value inner = payload();
    EXPECT_EQ(place(forged(outer, inner)), "accepted");
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, json::Value>>{{"to", "kba@bund"},
                                                          {"type", "ikfz/anders"},
                                                          {"conversation", "c-18"},
                                                          {"id", "m-2"},
                                                          {"sequence", 2},
                                                          {"time", "2026-03-01T10:29:00Z"},
                                                          {"purpose", "Neugier"},
                                                          {"legal_basis", "§ 1"}}) {
        json::Value changed = inner;
        changed.set(name, value);
        EXPECT_EQ(place(forged(outer, changed)), "envelope /" + name);
    }
    json::Value changed = inner;
    changed.set("from", "kba@bund");
    EXPECT_EQ(place(forged(outer, changed)), "envelope /from");
}

TEST_F(Envelopes, OnlyTheSendersKeySigns) {
    const KeyPair thief = cryptography.make_key(KeyUse::sign, random).value();
    const std::string inner = json::to_string(payload());
    const auto opened = forged(header(), cryptography.sign(thief, kMessageJws, inner).value());
    EXPECT_EQ(opened.error().code, ErrorCode::not_found);
    // The thief names the sender's key.
    std::string jws = cryptography.sign(thief, kMessageJws, inner).value();
    std::string named = crypto::base64url_decode(jws.substr(0, jws.find('.'))).value();
    named.replace(named.find(thief.public_key.kid), thief.public_key.kid.size(),
                  sender.public_key.kid);
    jws = crypto::base64url_encode(named) + jws.substr(jws.find('.'));
    EXPECT_EQ(forged(header(), jws).error().code, ErrorCode::crypto_failed);
    // A text that was signed for another purpose, and one that was not signed at all.
    EXPECT_EQ(
        place(forged(header(), cryptography.sign(sender, "schwarm-entry+jws", inner).value())),
        "JWS header /typ");
    EXPECT_EQ(place(forged(header(), std::string("not.signed"))), "JWS");
    EXPECT_FALSE(forged(header(), inner).has_value());
    EXPECT_EQ(place(open(inner)), "JWE");
    // A directory that answers with another key than it was asked for.
    const auto confused = open_envelope(
        make().value(), kAachen, receiver,
        [&](const Address&, std::string_view) -> Result<PublicKey> { return thief.public_key; },
        cryptography, {kNow});
    EXPECT_EQ(place(confused), "envelope /kid");
}

TEST_F(Envelopes, AlteredIsRefused) {
    const std::string jwe = make().value();
    for (std::size_t i = 0; i < jwe.size(); i += 3) {
        std::string changed = jwe;
        changed[i] = changed[i] == 'A' ? 'Q' : 'A';
        EXPECT_FALSE(open(changed).has_value()) << i;
    }
    EXPECT_FALSE(open(jwe.substr(0, jwe.size() - 1)).has_value());
    EXPECT_FALSE(open("").has_value());
}

TEST_F(Envelopes, MembersThatNobodyKnowsAreRefused) {
    const auto with = [](json::Value value, std::string_view name, json::Value member) {
        value.set(name, std::move(member));
        return value;
    };
    const json::Value outer = header();
    const json::Value inner = payload();
    EXPECT_EQ(place(forged(with(outer, "person", "Erika"), inner)), "envelope header /person");
    EXPECT_EQ(place(forged(outer, with(inner, "more", 1))), "envelope /more");
    EXPECT_EQ(place(forged(with(outer, "version", 2), inner)), "envelope header /version");
    EXPECT_EQ(forged(with(outer, "version", 2), inner).error().code, ErrorCode::unsupported);
    EXPECT_EQ(place(forged(outer, with(inner, "version", 2))), "envelope /version");
    EXPECT_EQ(place(forged(with(outer, "typ", "other"), inner)), "envelope header /typ");
    json::Value documents = *inner.find("documents");
    documents.items()[0].set("url", "https://example.org");
    EXPECT_EQ(place(forged(outer, with(inner, "documents", documents))),
              "envelope /documents/0 /url");
}

TEST_F(Envelopes, MembersOfAnotherFormAreRefused) {
    const json::Value outer = header();
    const json::Value inner = payload();
    const auto set = [&](const char* name, json::Value member) {
        json::Value changed = inner;
        changed.set(name, std::move(member));
        return place(forged(outer, changed));
    };
    EXPECT_EQ(set("from", "Leipzig"), "envelope /from");
    EXPECT_EQ(set("from", "../a@b"), "envelope /from");
    EXPECT_EQ(set("type", ""), "envelope /type");
    EXPECT_EQ(set("id", "m 1"), "envelope /id");
    EXPECT_EQ(set("id", std::string(65, 'm')), "envelope /id");
    EXPECT_EQ(set("sequence", -1), "envelope /sequence");
    EXPECT_EQ(set("sequence", json::Value::number("1.5")), "envelope /sequence");
    EXPECT_EQ(set("sequence", json::Value::number("9007199254740992")), "envelope /sequence");
    EXPECT_EQ(set("time", "2026-03-01T10:30:00.250Z"), "envelope /time")
        << "two texts, one instant";
    EXPECT_EQ(set("time", "2026-03-01T11:30:00.25+01:00"), "envelope /time");
    EXPECT_EQ(set("time", "999999999-03-01T10:30:00Z"), "envelope /time");
    EXPECT_EQ(set("expires", "bald"), "envelope /expires");
    EXPECT_EQ(set("purpose", ""), "envelope /purpose");
    EXPECT_EQ(set("purpose", "a\nb"), "envelope /purpose");
    EXPECT_EQ(set("legal_basis", std::string(201, 'x')), "envelope /legal_basis");
    EXPECT_EQ(set("legal_basis", nullptr), "envelope /legal_basis");
    EXPECT_EQ(set("documents", json::Value::object()), "envelope /documents");
    EXPECT_EQ(set("documents", json::parse("[1]").value()), "envelope /documents/0");
    json::Value documents = *inner.find("documents");
    documents.items()[0].set("sha256", "AAAA");
    EXPECT_EQ(set("documents", documents), "envelope /documents/0 /sha256");
    documents = *inner.find("documents");
    documents.items()[0].set("id", "../../etc/passwd");
    EXPECT_EQ(set("documents", documents), "envelope /documents/0/id");
    documents = *inner.find("documents");
    documents.items()[0].set("length", json::Value::number("104857601"));
    EXPECT_EQ(set("documents", documents), "envelope /documents/0/length");
    documents = *inner.find("documents");
    documents.push_back(documents.items()[0]);
    EXPECT_EQ(set("documents", documents), "envelope /documents/1/id");
}

TEST_F(Envelopes, ClocksMayDifferByFiveMinutes) {
    const std::string jwe = make().value();
    const auto at = [&](Instant now) { return place(open(jwe, {now})); };
    EXPECT_EQ(at(kNow - minutes(5)), "accepted");
    EXPECT_EQ(at(kNow - minutes(5) - std::chrono::milliseconds(1)), "envelope /time");
    EXPECT_EQ(at(envelope.expires + minutes(5)), "accepted");
    EXPECT_EQ(at(envelope.expires + minutes(6)), "envelope /expires");
    EXPECT_EQ(open(jwe, {envelope.expires + minutes(6)}).error().code, ErrorCode::gone);
    EXPECT_EQ(place(open(jwe, {kNow, minutes(5), hours(23)})), "envelope /expires");
}

TEST_F(Envelopes, OversizedAndBombsAreRefused) {
    EXPECT_EQ(open(std::string(kMaxEnvelopeBytes + 1, 'A')).error().code,
              ErrorCode::limit_exceeded);
    const json::Value outer = header();
    const auto signed_text = [&](const std::string& text) {
        return forged(outer, cryptography.sign(sender, kMessageJws, text).value());
    };
    EXPECT_EQ(signed_text(std::string(100'000, '[')).error().code, ErrorCode::limit_exceeded);
    std::string bomb = R"({"a":)";
    for (int i = 0; i < 10'000; ++i) bomb += R"({"a":)";
    EXPECT_EQ(signed_text(bomb).error().code, ErrorCode::limit_exceeded);
    std::string many = "[0";
    for (int i = 0; i < 60'000; ++i) many += ",0";
    EXPECT_EQ(signed_text(many + "]").error().where, "envelope");
    EXPECT_EQ(signed_text(R"({"version":1,"version":1})").error().code, ErrorCode::not_well_formed);
    // A compressed text is not even looked at.
    json::Value zip = outer;
    EXPECT_FALSE(cryptography.seal(receiver.public_key, zip.set("zip", "DEF"), "", random));
}

TEST_F(Envelopes, WhatNobodyCouldReadIsNotMade) {
    const auto refused = [this] {
        const auto made = make();
        return made ? std::string("made") : made.error().where;
    };
    EXPECT_EQ(refused(), "made");
    const Envelope good = envelope;
    envelope.body = json::Value(std::string(200'000, 'x'));
    EXPECT_EQ(make().error().code, ErrorCode::limit_exceeded);
    envelope.body = json::Value(std::string(140'000, 'x'));
    EXPECT_TRUE(open(make().value()).has_value());
    json::Value deep = 1;
    for (std::size_t i = 0; i < kMaxBodyDepth; ++i) deep = json::Value::array({deep});
    envelope.body = deep;
    EXPECT_TRUE(open(make().value()).has_value());
    envelope.body = json::Value::array({deep});
    EXPECT_EQ(refused(), "envelope /body");
    envelope.body = "\xff";
    EXPECT_EQ(refused(), "envelope /body");
    const auto after = [&](auto change) {
        envelope = good;
        change(envelope);
        return refused();
    };
    EXPECT_EQ(after([](Envelope& e) { e.to.tenant = TenantId("A"); }), "envelope /to");
    EXPECT_EQ(after([](Envelope& e) { e.type = "a b"; }), "envelope /type");
    EXPECT_EQ(after([](Envelope& e) { e.id = ""; }), "envelope /id");
    EXPECT_EQ(after([](Envelope& e) { e.purpose = ""; }), "envelope /purpose");
    EXPECT_EQ(after([](Envelope& e) { e.legal_basis = "a\tb"; }), "envelope /legal_basis");
    EXPECT_EQ(after([](Envelope& e) { e.sequence = kMaxSequence + 1; }), "envelope /sequence");
    EXPECT_EQ(after([](Envelope& e) { e.expires = e.time; }), "envelope /expires");
    EXPECT_EQ(after([](Envelope& e) { e.time = Instant::min(); }), "envelope /time");
    EXPECT_EQ(after([](Envelope& e) { e.documents.push_back(e.documents[0]); }),
              "envelope /documents/1/id");
    EXPECT_EQ(after([](Envelope& e) { e.documents[0].type = "pdf"; }),
              "envelope /documents/0/type");
    EXPECT_EQ(after([](Envelope& e) {
                  for (int i = 0; i < 100; ++i) {
                      e.documents.push_back(e.documents[0]);
                      e.documents.back().id = "d" + std::to_string(i);
                  }
              }),
              "envelope /documents");
}

TEST_F(Envelopes, ADocumentTravelsBesideItsEnvelope) {
    const std::string bytes(kSegmentBytes + 10, 'd');
    envelope.documents = {document("foto", bytes)};
    DocumentSealer sealer(envelope.documents[0]);
    const std::string first = sealer.next(bytes.substr(0, kSegmentBytes)).value();
    const std::string second = sealer.next(bytes.substr(kSegmentBytes)).value();
    const auto opened = open(make().value());
    DocumentOpener opener(opened->envelope.documents[0]);
    EXPECT_EQ(opener.next(first).value(), bytes.substr(0, kSegmentBytes));
    EXPECT_EQ(opener.next(second).value(), bytes.substr(kSegmentBytes));
    EXPECT_TRUE(opener.finish().has_value());
}

}  // namespace
}  // namespace schwarm::exchange
