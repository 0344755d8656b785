// Where a case stands: tables, and the picture that says the same.
#include <algorithm>
#include <array>

#include "pages.hpp"
#include "picture_symbols.hpp"
#include "process_picture.hpp"

namespace schwarm::portal {
namespace {

constexpr std::array kZooms = {0, 25, 50, 75, 100, 150};

bool is_gateway(bpmn::NodeKind kind) {
    return kind == bpmn::NodeKind::exclusive_gateway || kind == bpmn::NodeKind::parallel_gateway ||
           kind == bpmn::NodeKind::inclusive_gateway ||
           kind == bpmn::NodeKind::event_based_gateway || kind == bpmn::NodeKind::complex_gateway;
}

bool is_now(const app::StepProgress& step) {
    return step.state == app::StepState::active || step.state == app::StepState::incident;
}

std::string time_of(const std::optional<Instant>& at, Lang lang) {
    return at ? show_time(*at, lang) : std::string();
}

bool is_drawn(const bpmn::Diagram& diagram, std::string_view element) {
    return std::any_of(diagram.shapes.begin(), diagram.shapes.end(),
                       [&](const bpmn::Shape& shape) { return shape.element == element; });
}

Data now_data(const app::CaseProgress& progress, Lang lang) {
    Data out{Data::List{}};
    for (std::size_t i = 0; i < progress.steps.size(); ++i) {
        const app::StepProgress& step = progress.steps[i];
        if (!is_now(step)) continue;
        const bool drawn = is_drawn(progress.diagram, step.element);
        out.add(
            Data::map({{"name", step.name.empty() ? step.element : step.name},
                       {"since", time_of(step.since, lang)},
                       {"incident", step.state == app::StepState::incident},
                       {"anchor", drawn ? "#schritt-" + std::to_string(i + 1) : std::string()}}));
    }
    return out;
}

Data steps_data(const app::CaseProgress& progress, Lang lang, const Site& site) {
    Data out{Data::List{}};
    for (const app::StepProgress& step : progress.steps) {
        // Where paths merge nothing happens that somebody has to read about.
        if (step.name.empty() && is_gateway(step.kind) && !is_now(step)) continue;
        out.add(Data::map(
            {{"name", step.name.empty() ? step.element : step.name},
             {"kind", site.text(lang, "progress.kind." + std::string(bpmn::name_of(step.kind)))},
             {"state", site.text(lang, "progress.step." + std::string(app::name_of(step.state)))},
             {"now", is_now(step)},
             {"since", time_of(step.since, lang)},
             {"until", time_of(step.until, lang)},
             {"times", step.times},
             {"reason", step.reason}}));
    }
    return out;
}

Data messages_data(const app::CaseProgress& progress, Lang lang, const Site& site) {
    Data out{Data::List{}};
    for (const app::MessageProgress& message : progress.messages) {
        out.add(Data::map({{"name", message.name},
                           {"direction", site.text(lang, message.outgoing ? "progress.outgoing"
                                                                          : "progress.incoming")},
                           {"partner", message.participant_name},
                           {"state", message_state(message.state, lang, site)},
                           {"at", time_of(message.at, lang)},
                           {"settled", time_of(message.settled, lang)},
                           {"reason", message.reason}}));
    }
    return out;
}

Data partners_data(const app::CaseProgress& progress) {
    Data out{Data::List{}};
    for (const app::PartnerProgress& partner : progress.partners) {
        Data row =
            Data::map({{"name", partner.name}, {"contact", partner.conversation.has_value()}});
        if (partner.conversation) {
            row.set("authority", partner.conversation->peer_name);
            row.set("peer", partner.conversation->peer);
            row.set("reference", partner.conversation->id);
            row.set("sent", partner.conversation->sent);
            row.set("received", partner.conversation->received);
            if (partner.conversation->held > 0) row.set("held", partner.conversation->held);
        }
        if (partner.other) {
            row.set("other", progress_path(partner.other->tenant, partner.other->id));
            row.set("other_number", partner.other->number);
        }
        out.add(std::move(row));
    }
    return out;
}

Data legend_data(Lang lang, const Site& site) {
    Data out{Data::List{}};
    for (const char* mark : {"passed", "active", "incident", "ended"}) {
        std::string sign =
            "<svg class=\"s-bpmn\" aria-hidden=\"true\" width=\"18\" height=\"18\" "
            "viewBox=\"-9 -9 18 18\">";
        sign += badge_symbol({0, 0}, mark) + "</svg>";
        out.add(Data::map({{"sign", Data::markup(std::move(sign))},
                           {"text", site.text(lang, "progress.step." + std::string(mark))}}));
    }
    return out;
}

}  // namespace

Data progress_data(const app::CaseProgress& progress, int zoom, Lang lang, const Site& site) {
    const std::string path = progress_path(progress.tenant, progress.id);
    Data zooms{Data::List{}};
    for (const int percent : kZooms) {
        zooms.add(Data::map({{"href", path + "?groesse=" + std::to_string(percent) + "#bild"},
                             {"label", percent == 0 ? site.text(lang, "progress.fit")
                                                    : std::to_string(percent) +
                                                          (lang == Lang::de ? "\u00A0%" : "%")},
                             {"current", percent == zoom}}));
    }
    Data out = Data::map({{"number", progress.number},
                          {"tenant", progress.tenant_name},
                          {"title", progress.title},
                          {"incomplete", !progress.complete},
                          {"now", now_data(progress, lang)},
                          {"partners", partners_data(progress)},
                          {"messages", messages_data(progress, lang, site)},
                          {"legend", legend_data(lang, site)},
                          {"zooms", zooms},
                          {"steps", steps_data(progress, lang, site)}});
    auto picture = process_picture(progress, zoom, lang, site);
    if (!picture.empty()) out.set("picture", Data::markup(std::move(picture)));
    return out;
}

}  // namespace schwarm::portal
