#include "redecide_report.hpp"

#include <fmt/format.h>

#include <iostream>

#include "demo_server.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::bench {
namespace {

double share_of(double part, double whole_of) {
    return whole_of > 0 ? part / whole_of : 0;
}

void write_json(const RedecideReport& report) {
    const auto& now = report.figures;
    const auto decided = static_cast<double>(now.totals.cases);
    json::Writer out = json::Writer::pretty();
    out.begin_object();
    out.member("benchmark", "redecide").member("service", "wohngeld");
    out.member("cases", report.run.options.cases);
    out.member("threads", std::uint64_t{report.run.options.threads});
    out.member("parameters_changed_by", report.run.options.share);
    out.member("models", report.run.version);
    out.name("disk_fsync_per_second").number(fixed(report.disk.fsyncs_per_second, 0));
    out.name("setup_seconds").number(fixed(report.setup_seconds, 1));
    out.member("decided_before_interruption", report.decided_before);
    out.name("seconds").number(fixed(report.seconds, 2));
    out.name("cases_per_second").number(fixed(share_of(decided, report.seconds), 0));
    out.name("cpu_seconds").number(fixed(report.cpu_seconds, 2));
    out.name("decide_us_per_case")
        .number(fixed(share_of(static_cast<double>(now.totals.decide_nanos) / 1000, decided), 1));
    out.member("commits", now.commits);
    out.name("cases_per_commit")
        .number(fixed(share_of(decided, static_cast<double>(now.commits)), 0));
    out.member("payload_bytes", now.totals.payload_bytes);
    out.member("written_bytes", report.written_bytes);
    out.member("database_bytes", report.file_bytes);
    out.name("peak_resident_mb")
        .number(fixed(static_cast<double>(report.peak_bytes) / (1 << 20), 1));
    out.name("results").begin_object();
    out.member("granted", report.all.granted).member("more", report.all.more);
    out.member("less", report.all.less).member("for_a_human", report.all.human);
    out.member("euro_a_month_before", report.all.euro_before);
    out.member("euro_a_month_after", report.all.euro_after);
    out.member("checksum", fmt::format("{:016x}", report.all.checksum));
    out.end_object();
    out.name("check").begin_object();
    out.member("decisions_read", report.run.options.cases);
    out.member("compared_with_the_statute", report.compared);
    out.name("seconds").number(fixed(report.check_seconds, 1));
    out.end_object().end_object();
    std::cout << out.take() << std::endl;
}

void print_text(const RedecideReport& report) {
    const auto& now = report.figures;
    const auto decided = static_cast<double>(now.totals.cases);
    std::cout << "disk: " << fixed(report.disk.fsyncs_per_second, 0) << " fsync/s\n"
              << "prepared: " << report.run.options.cases << " cases, stored and decided under the "
              << "law in force, in " << fixed(report.setup_seconds, 1) << " s\n";
    if (report.decided_before > 0) {
        std::cout << "decided before the interruption: " << report.decided_before << " cases\n";
    }
    std::cout << "decided again: " << now.totals.cases << " cases in " << fixed(report.seconds, 1)
              << " s, " << fixed(share_of(decided, report.seconds), 0) << " cases/s, "
              << fixed(share_of(static_cast<double>(now.totals.decide_nanos) / 1000, decided), 1)
              << " us of one core each for the decisions, "
              << fixed(share_of(report.cpu_seconds * 1e6, decided), 1) << " us for everything, "
              << report.run.options.threads << " threads\n"
              << "durable: " << now.commits << " commits, "
              << fixed(static_cast<double>(report.written_bytes) / 1e6, 0)
              << " MB written; database " << fixed(static_cast<double>(report.file_bytes) / 1e6, 0)
              << " MB; peak memory " << fixed(static_cast<double>(report.peak_bytes) / (1 << 20), 0)
              << " MB\n"
              << "results: " << report.all.granted << " granted, " << report.all.more << " more, "
              << report.all.less << " less, " << report.all.human << " for a human; "
              << report.all.euro_before << " euro a month before, " << report.all.euro_after
              << " after (made-up parameters)\n"
              << "checked: " << report.run.options.cases << " decisions read back, "
              << report.compared << " compared with the statute, checksum "
              << fmt::format("{:016x}", report.all.checksum) << ", in "
              << fixed(report.check_seconds, 1) << " s\n";
}

}  // namespace

void print_report(const RedecideReport& report) {
    if (report.run.options.json) {
        write_json(report);
    } else {
        print_text(report);
    }
}

}  // namespace schwarm::bench
