// A node that lies about messages: it replays, alters and misaddresses what it overheard, and gives
// receipts that are none. Always in its own name, since TLS proves that.
#pragma once

#include "stage.hpp"

namespace schwarm::sim {

class Liar {
  public:
    explicit Liar(const Stage& stage) : stage_(stage) {}

    void overhear(What what, const std::string& request);
    // What it heard it sends again, changed or to somebody else.
    void attack();
    // It asks for a document that somebody else was sent.
    void ask_for_documents();
    // A receipt for something else, or one that it may not sign.
    Result<std::string> answer(const std::string& request);

  private:
    const Stage& stage_;
    std::vector<std::string> overheard_;
    std::string question_;  // the last one overheard
};

}  // namespace schwarm::sim
