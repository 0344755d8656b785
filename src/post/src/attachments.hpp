// The documents of messages that leave: named in the envelope, and handed out in segments to who
// asks for them. The case keeps the plain text, sealed as always; segments are made when asked for.
#pragma once

#include <string>
#include <string_view>

#include "manifest.hpp"
#include "rows.hpp"
#include "schwarm/post/post.hpp"

namespace schwarm::post {

// What a receiver asks for. JSON: docs/formats/network.md, "Between nodes".
struct Question {
    exchange::Address from;  // who sent the message
    exchange::Address to;
    std::string conversation;
    std::string message;   // id
    std::string document;  // id
    std::uint64_t segment = 0;

    std::string text() const;
    // invalid_input, not_well_formed.
    static Result<Question> parse(std::string_view text);
};

// Thread-safe.
class Attachments {
  public:
    Attachments(const Environment& environment, const Options& options)
        : environment_(environment), options_(options) {}

    void use(runtime::Runtime& runtime) { runtime_ = &runtime; }

    // The documents that a delivery names, with the keys that it was given before, or fresh ones.
    // invalid_input: the case has none of that name, or another than was sent before;
    // limit_exceeded: more or longer ones than the contract or the exchange allows.
    Result<Manifest> manifest(const runtime::ReadView& view, const Delivery& delivery,
                              CaseId case_id, const std::string& to, std::size_t most) const;

    // Options::segments_at_once sealed segments, fewer at the end. gone: there is no such document
    // for this member (any more); invalid_input: this is no question.
    Result<std::string> segments(const exchange::MemberId& asker, const Question& question) const;

  private:
    const Environment& environment_;
    const Options& options_;
    runtime::Runtime* runtime_ = nullptr;
};

}  // namespace schwarm::post
