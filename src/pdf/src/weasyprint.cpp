#include "schwarm/pdf/weasyprint.hpp"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "worker_process.hpp"

namespace schwarm::pdf {
namespace {

struct Job {
    std::string html;
    std::function<void(Result<std::string>)> done;
};

}  // namespace

struct WeasyPrintRenderer::Impl {
    explicit Impl(Options o) : options(std::move(o)) {}

    // A worker's death must not end the node by SIGPIPE.
    static void block_sigpipe() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
    }

    void serve() {
        block_sigpipe();
        WorkerProcess worker(options);
        for (;;) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return stopping || !jobs.empty(); });
            if (stopping) {
                return;
            }
            Job job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job.done(worker.render(job.html));
        }
    }

    const Options options;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> jobs;
    std::vector<std::thread> threads;
    bool stopping = false;
};

WeasyPrintRenderer::WeasyPrintRenderer(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

WeasyPrintRenderer::~WeasyPrintRenderer() {
    std::deque<Job> waiting;
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
        waiting.swap(impl_->jobs);
    }
    impl_->changed.notify_all();
    for (std::thread& thread : impl_->threads) {
        thread.join();
    }
    for (Job& job : waiting) {
        job.done(fail(ErrorCode::unavailable, "the program ends"));
    }
}

void WeasyPrintRenderer::render(std::string html, std::function<void(Result<std::string>)> done) {
    if (html.size() > impl_->options.page_bytes_max) {
        done(fail(ErrorCode::limit_exceeded, "the document is too large for a PDF"));
        return;
    }
    bool full = false;
    {
        const std::lock_guard lock(impl_->mutex);
        full = impl_->jobs.size() >= impl_->options.queue_max;
        if (!full) {
            impl_->jobs.push_back({std::move(html), std::move(done)});
            if (impl_->threads.size() < impl_->options.workers) {
                impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(); });
            }
        }
    }
    if (full) {
        done(fail(ErrorCode::unavailable, "too many documents are waiting to be made PDF"));
        return;
    }
    impl_->changed.notify_one();
}

}  // namespace schwarm::pdf
