#include "io.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <ctime>
#include <vector>

namespace schwarm::net {

IoThread::IoThread(Shared& shared) : shared_(shared) {
    update_date();
}

void IoThread::start() {
    schedule_tick();
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "schwarm-io");
        context_.run();
    });
}

void IoThread::schedule_tick() {
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec) tick();
    });
}

void IoThread::tick() {
    update_date();
    const SteadyTime now = std::chrono::steady_clock::now();
    const std::vector<ConnectionBase*> all(connections_.begin(), connections_.end());
    for (ConnectionBase* connection : all) {
        if (!connections_.contains(connection)) continue;
        if (stopping_ && now >= stop_until_) {
            connection->close();
        } else {
            connection->check_deadline(now);
        }
    }
    if (stopping_ && (connections_.empty() || now >= stop_until_)) {
        context_.stop();
        return;
    }
    schedule_tick();
}

void IoThread::update_date() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    gmtime_r(&now, &utc);
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                  kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900,
                  utc.tm_hour, utc.tm_min, utc.tm_sec);
    date_ = text.data();
}

void IoThread::remove(ConnectionBase* connection) {
    connections_.erase(connection);
    if (stopping_ && connections_.empty()) context_.stop();
}

void IoThread::begin_stop(SteadyTime until) {
    boost::asio::post(context_, [this, until] {
        stopping_ = true;
        stop_until_ = until;
        const std::vector<ConnectionBase*> all(connections_.begin(), connections_.end());
        for (ConnectionBase* connection : all) {
            if (connections_.contains(connection)) connection->finish();
        }
        if (connections_.empty()) {
            context_.stop();
            return;
        }
        // The ticks close what outlasts the grace; an earlier wake-up keeps short graces short.
        timer_.expires_at(
            std::min(until, std::chrono::steady_clock::now() + std::chrono::seconds(1)));
        timer_.async_wait([this](const boost::system::error_code& ec) {
            if (!ec) tick();
        });
    });
}

void IoThread::join() {
    if (thread_.joinable()) thread_.join();
}

}  // namespace schwarm::net
