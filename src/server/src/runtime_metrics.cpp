#include "runtime_metrics.hpp"

#include <algorithm>

#include "schwarm/exchange/directory.hpp"

namespace schwarm::server {

void write_metrics(const runtime::Metrics& m, MetricsText& text) {
    text.single("schwarm_commands_total", "counter", "Commands carried out.", m.commands);
    text.single("schwarm_commands_rejected_total", "counter", "Commands the engine refused.",
                m.rejected);
    text.single("schwarm_commands_refused_total", "counter", "Commands refused: queue full.",
                m.refused);
    text.single("schwarm_writes_total", "counter", "Small durable writes (drafts, uploads).",
                m.writes);
    text.single("schwarm_commits_total", "counter", "Commits of the database.", m.commits);
    text.single("schwarm_commits_failed_total", "counter", "Commits that failed.",
                m.commits_failed);
    text.single("schwarm_rows_written_total", "counter", "Rows written.", m.rows_written);
    text.single("schwarm_group_last", "gauge", "Commands in the last commit.", m.group_last);
    text.single("schwarm_group_max", "gauge", "Commands in the largest commit.", m.group_max);
    text.single("schwarm_queue_length", "gauge", "Commands waiting.", m.queue_length);
    text.single("schwarm_cases_created_total", "counter", "Cases begun.", m.cases_created);
    text.single("schwarm_cases_quarantined_total", "counter", "Cases put into quarantine.",
                m.quarantined);
    text.single("schwarm_cases_cached", "gauge", "Cases in memory.", m.cached_cases);
    text.single("schwarm_cases_loaded_total", "counter", "Cases read from the database.",
                m.cases_loaded);
    text.single("schwarm_timers_page", "gauge", "Timers of the next minutes.", m.timers_in_page);
    text.single("schwarm_timers_fired_total", "counter", "Timers that fired.", m.timers_fired);
    text.single("schwarm_outbox_waiting", "gauge", "Effects still to be carried out.",
                m.outbox_waiting);
    text.single("schwarm_outbox_delivered_total", "counter", "Effects carried out.",
                m.outbox_delivered);
    text.single("schwarm_outbox_failures_total", "counter", "Attempts that failed.",
                m.outbox_failures);
    text.single("schwarm_scrub_pending", "gauge", "1: a deletion waits for readers to end.",
                m.scrub_pending ? 1 : 0);
    text.declare("schwarm_timer_overdue_seconds", "gauge", "Of the timer that waits longest.");
    text.sample_seconds("schwarm_timer_overdue_seconds", {}, m.timer_overdue);
    text.declare("schwarm_commit_seconds", "gauge", "Of the last 1024 commits.");
    text.sample_seconds("schwarm_commit_seconds", "quantile=\"0.5\"", m.commit_p50);
    text.sample_seconds("schwarm_commit_seconds", "quantile=\"0.99\"", m.commit_p99);
}

void write_metrics(const post::Metrics& m, MetricsText& text) {
    text.single("schwarm_post_waiting", "gauge", "Messages to other tenants without a receipt.",
                m.waiting);
    text.single("schwarm_post_sent_total", "counter", "Envelopes handed over, repetitions too.",
                m.sent);
    text.single("schwarm_post_processed_total", "counter", "Messages that took effect elsewhere.",
                m.processed);
    text.single("schwarm_post_refused_total", "counter", "Messages that were refused elsewhere.",
                m.refused);
    text.single("schwarm_post_expired_total", "counter", "Messages that were not taken in time.",
                m.expired);
    text.single("schwarm_post_received_total", "counter", "Envelopes that were new.", m.received);
    text.single("schwarm_post_repeated_total", "counter", "Envelopes that were known.", m.repeated);
    text.single("schwarm_post_rejected_total", "counter", "What was not what it must be.",
                m.rejected);
}

void write_metrics(const app::NetworkView& network, MetricsText& text) {
    text.single("schwarm_directory_epoch", "gauge", "Number of the epoch that counts.",
                network.epoch);
    text.single("schwarm_directory_members", "gauge", "Members of the network.",
                network.members.size());
    text.single("schwarm_directory_consents", "gauge",
                "Consents that the network has not carried out.", network.consents.size());
    text.declare("schwarm_directory_warnings", "gauge", "What an operator must see to, by kind.");
    for (std::size_t kind = 0; kind < exchange::kWarningKindCount; ++kind) {
        const auto name = exchange::name_of(static_cast<exchange::DirectoryWarning::Kind>(kind));
        const auto count =
            std::count_if(network.warnings.begin(), network.warnings.end(),
                          [&](const app::NetworkWarning& one) { return one.kind == name; });
        text.sample("schwarm_directory_warnings", label("kind", name),
                    static_cast<std::uint64_t>(count));
    }
}

}  // namespace schwarm::server
