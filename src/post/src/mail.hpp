#pragma once

#include "schwarm/exchange/address.hpp"
#include "schwarm/post/mail.hpp"
#include "schwarm/runtime/read_view.hpp"

namespace schwarm::post {

// Without CaseConversation::other.
Result<CaseMail> read_mail(const runtime::ReadView& view, CaseId id);
// The case of a conversation at a tenant whose data this is; nothing if there is none.
Result<std::optional<CaseId>> case_of_conversation(const runtime::ReadView& view,
                                                   std::string_view conversation);

}  // namespace schwarm::post
