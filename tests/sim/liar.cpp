#include "liar.hpp"

#include "schwarm/exchange/envelope.hpp"
#include "schwarm/exchange/receipt.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::sim {

void Liar::overhear(What what, const std::string& request) {
    if (what == What::directory || what == What::membership) return;
    if (what == What::question) {
        question_ = request;
        return;
    }
    overheard_.push_back(request);
    if (overheard_.size() > 50) overheard_.erase(overheard_.begin());
}

void Liar::attack() {
    if (overheard_.empty()) return;
    std::string request = overheard_[stage_.dice() % overheard_.size()];
    switch (stage_.dice() % 3) {
        case 0:
            stage_.met("replay");
            break;
        case 1:
            stage_.met("altered envelope");
            request[request.size() / 2] = request[request.size() / 2] == 'A' ? 'B' : 'A';
            break;
        default:
            stage_.met("misaddressed envelope");
    }
    const std::size_t from = stage_.nodes.size() - 1;
    const std::size_t target = stage_.dice() % from;
    if (!stage_.nodes[target]->up()) return;
    Member& node = *stage_.nodes[target];
    const std::uint64_t before = node.post().metrics().received;
    node.post().receive(exchange::MemberId(stage_.nodes[from]->name), request,
                        [](const Result<std::string>&) {});
    node.runtime().run();
    if (node.post().metrics().received != before) {
        stage_.violated("an envelope of others was taken from the liar");
    }
}

void Liar::ask_for_documents() {
    if (question_.empty()) return;
    stage_.met("foreign question");
    for (std::size_t i = 0; i + 1 < stage_.nodes.size(); ++i) {
        if (!stage_.nodes[i]->up()) continue;
        if (stage_.nodes[i]
                ->post()
                .segments(exchange::MemberId(stage_.nodes.back()->name), question_)
                .has_value()) {
            stage_.violated("the liar was given a document of others");
        }
    }
}

Result<std::string> Liar::answer(const std::string& request) {
    stage_.met("wrong receipt");
    Member& liar = *stage_.nodes.back();
    if (!liar.up()) return fail(ErrorCode::unavailable, "the node is away");
    SCHWARM_TRY(value, json::parse(request));
    if (value.find("envelopes") == nullptr) {
        return std::string(R"({"restored":{"next":7,"conversations":[{"id":"x"}]}})");
    }
    const std::string envelope = value.find("envelopes")->items()[0].as_string();
    SCHWARM_TRY(routing, exchange::read_header(envelope));
    SCHWARM_TRY(key, stage_.cryptography.make_key(exchange::KeyUse::sign, liar.random));
    exchange::ReceiptList list{routing.to, routing.from, stage_.time.now(), {}};
    list.receipts.push_back(
        {routing.id, crypto::sha256(envelope + "x"), exchange::ReceiptState::processed, {}});
    SCHWARM_TRY(jws, exchange::sign_receipts(list, key, stage_.cryptography));
    return R"({"receipts":[")" + jws + R"("]})";
}

}  // namespace schwarm::sim
