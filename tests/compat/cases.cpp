#include "cases.hpp"

#include <stdexcept>

#include "schwarm/app/api_clients.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/forms/form.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/runtime/write_batch.hpp"
#include "schwarm/services/package.hpp"

namespace schwarm::compat {
namespace {

using engine::Variables;
using feel::Value;

// The case that was started last is the one the next lines are about.
class Writer {
  public:
    explicit Writer(Node& node) : node_(node) {}

    void deploy(const std::vector<std::string>& names) {
        std::vector<services::ResourceFile> files;
        for (const auto& name : names) {
            files.push_back({name, read_file(folder_of("models") / name)});
        }
        const auto deployed = must(node_.ask<services::Deployment>([&](auto done) {
            node_.deployments().deploy(node_.runtime(), tenant(), std::move(files), "developer",
                                       std::move(done));
        }),
                                   "a deployment");
        for (const auto& problem : deployed.problems) {
            if (!problem.warning) throw std::runtime_error(problem.text());
        }
        must(node_.ask<void>(
                 [&](auto done) { node_.runtime().deployed(tenant(), std::move(done)); }),
             "the start events");
    }
    engine::DefinitionKey definition(const std::string& process) {
        const auto found =
            must(node_.deployments().of(tenant()), "the definitions")->process(process);
        if (found == nullptr) throw std::runtime_error("there is no process " + process);
        return services::definition_key_of(found->key);
    }
    void start(const std::string& process, Variables variables = {}) {
        engine::CreateCase create;
        create.definition = definition(process);
        create.variables = std::move(variables);
        if (create.variables.find("name") == nullptr) {
            create.variables.set("name", Value(process));
        }
        create.business_id = "golden-" + process;
        create.tags = {"golden", process};
        begin(std::move(create));
    }
    // A case of a package, as the portal begins it.
    void apply(const std::string& service, const std::string& answers) {
        const auto package = node_.registry().package(ServiceId(service));
        const auto offer = node_.registry().offer(tenant(), ServiceId(service));
        if (package == nullptr || !offer) throw std::runtime_error("no package " + service);
        const auto given = must(feel::from_json(must(json::parse(answers), answers)), answers);
        forms::Context context;
        context.clock = &node_.clock();
        const auto judged = package->form().validate(given, context);
        if (!judged.ok()) throw std::runtime_error("the form refuses " + answers);
        engine::CreateCase create;
        create.definition = engine::DefinitionKey(services::definition_key(*package));
        create.variables = services::start_variables(*package, judged.cleaned, offer->settings,
                                                     node_.clock().now(), "golden");
        begin(std::move(create));
    }
    void run(engine::CommandBody body) { must(node_.submit(case_, std::move(body)), written_); }
    void set(Variables variables) { run(engine::UpdateVariables{{}, std::move(variables), false}); }
    void job(const std::string& type, Variables variables = {}) {
        run(engine::CompleteJob{find_job(type).key, std::move(variables), {}});
    }
    void fail_job(const std::string& type, std::uint32_t retries,
                  std::chrono::milliseconds backoff = {}) {
        run(engine::FailJob{find_job(type).key, retries, "out of order", backoff, {}});
    }
    void activate(const std::string& type) {
        runtime::JobRequest request;
        request.tenants = {tenant()};
        request.type = type;
        request.worker = "worker-1";
        request.lock = std::chrono::hours(24 * 365);
        request.wait = std::chrono::milliseconds(-1);
        const auto jobs = must(node_.ask<std::vector<runtime::ActivatedJob>>([&](auto done) {
            node_.runtime().activate_jobs(std::move(request), std::move(done));
        }),
                               type);
        if (jobs.size() != 1) throw std::runtime_error("no job of type " + type);
    }
    // The N-th open task.
    void task(std::size_t n = 0, Variables variables = {}) {
        run(engine::CompleteUserTask{state().user_tasks.at(n).key, std::move(variables), false});
    }
    engine::CaseState state() { return must(node_.view().case_state(case_), written_); }
    ElementKey element(std::size_t n) { return state().elements.at(n).key; }
    void message(const std::string& name, const std::string& key, const std::string& id = {},
                 std::chrono::milliseconds keep = {}) {
        runtime::Message message;
        message.name = name;
        message.correlation_key = key;
        message.id = id;
        message.time_to_live = keep;
        message.variables.set("text", Value("hello"));
        must(node_.ask<runtime::Published>([&](auto done) {
            node_.runtime().publish_message(tenant(), message, "somebody", std::move(done));
        }),
             name);
    }
    CaseId id() const { return case_; }
    Node& node() { return node_; }

  private:
    void begin(engine::CreateCase create) {
        written_ = create.definition.value();
        const auto command = "begin-" + std::to_string(++begun_);
        case_ = must(node_.submit({}, std::move(create), kApplicant, command), written_).case_id;
    }
    engine::Job find_job(const std::string& type) {
        for (const auto& job : state().jobs) {
            if (job.type == type) return job;
        }
        throw std::runtime_error("no job of type " + type);
    }

    Node& node_;
    CaseId case_;
    std::string written_;  // of it, for errors
    int begun_ = 0;
};

Value numbers(int n) {
    Value::List list;
    for (int i = 1; i <= n; ++i) list.emplace_back(i);
    return Value::list(std::move(list));
}

void waiting_for_others(Writer& w) {
    w.start("job", {{"amount", 12}, {"words", "ä ö ü ß €"}});
    w.start("locked");
    w.activate("lock");
    w.start("backing_off");
    w.fail_job("later", 2, std::chrono::hours(24 * 30));
    w.start("task");
    w.run(engine::AssignUserTask{w.state().user_tasks.at(0).key, "erika", true});
    w.run(engine::UpdateVariables{w.element(1), {{"local", true}}, true});
    w.start("message");
    w.start("timer");
    w.start("cycle");
    w.start("signal");
    w.start("condition", {{"hot", false}});
    w.start("choosing");
    w.start("held");
    w.message("one", "held");
}

void inside_structures(Writer& w) {
    w.start("parallel", {{"items", numbers(3)}});
    w.task(1, {{"result", "second"}});
    w.start("sequence", {{"items", numbers(3)}});
    w.job("step", {{"result", "first"}});
    w.start("repeated");
    w.task();
    w.start("logged");
    w.job("book", {{"room", 12}});
    w.job("fetch");
    w.start("undoing");
    w.job("book2");
    w.start("transaction");
    w.job("reserve");
    w.start("ad_hoc", {{"wanted", Value::list({"wash", "cook"})}});
    w.task(0, {{"result", "clean"}});
    w.start("planned");
    w.start("caller", {{"amount", 7}});
    w.start("beside");
    w.message("ask", "ask");
    w.start("interrupted");
    w.message("stop", "stop");
    w.start("listened");
    w.job("before");
    w.start("reviewed");
    w.task(0, {{"ok", true}});
    w.start("joined");
    w.task();
    w.start("some");
    w.task();
    w.task();
    w.start("escalated");
    w.start("decided", {{"alter", 40}});
}

void stopped(Writer& w) {
    w.start("no_retries");
    w.fail_job("bank", 0);
    w.start("no_way");
    w.start("no_value");
    w.start("no_child", {{"child", "nowhere"}});
    w.start("no_decision", {{"decision", "none"}, {"alter", 12}});
    w.start("job");
    w.run(engine::ThrowError{w.state().jobs.at(0).key, "unknown", "nobody expects it", {}});
    w.start("decided", {{"alter", 40}});
    w.run(engine::ReportUndelivered{"nobody took it"});
    // One batch that has been carried out; it leaves an incident at the same place.
    runtime::BatchOrder order;
    order.filter.emplace();
    order.filter->element_ids = {"which"};
    must(w.node().ask<std::uint64_t>([&](auto done) {
        w.node().runtime().start_batch(tenant(), order, "operator", std::move(done));
    }),
         "a batch");
}

void changed(Writer& w) {
    w.start("moving");
    const auto migrated = w.id();
    w.deploy({"moving_2.bpmn"});
    engine::MigrateCase migrate;
    migrate.target = w.definition("moving");
    migrate.mappings = {{"here", "here_now"}, {"there", "there_now"}};
    w.run(std::move(migrate));
    if (w.id() != migrated) throw std::runtime_error("another case was migrated");
    w.start("moving");
    engine::ModifyCase modify;
    modify.activate.push_back({"there_now", {}, {}});
    w.run(std::move(modify));
    // So many commands that the whole state is stored.
    w.start("long");
    for (int i = 1; i <= 70; ++i) w.set({{"count", i}});
}

void ended(Writer& w) {
    w.start("ended");
    w.task();
    w.start("ended");
    w.run(engine::CancelCase{"by mistake", {}});
    w.start("ended", {{"secret", "is destroyed"}});
    w.task();
    const runtime::DeletionOrder order{w.id(), "Art. 17 DSGVO", "operator", false};
    must(w.node().runtime().delete_case(tenant(), order), "a deletion");
}

void beside_cases(Writer& w) {
    w.message("kept", "later", "once", std::chrono::hours(24 * 365));
    w.message("begin", "first");
    w.start("receiver");
    w.start("sender", {{"name", "receiver"}});
    must(w.node().runtime().write_and_wait(
             tenant(),
             [](runtime::WriteBatch& batch) -> Result<void> {
                 SCHWARM_TRY_VOID(batch.put_secret(kSecretName, kSecret));
                 return batch.put_draft("draft-1", R"({"name": "Erika"})",
                                        kWritten + std::chrono::hours(24 * 30));
             }),
         "a draft and a secret");
    SeededRandom known(17);
    const auto added =
        must(app::add_api_client(w.node().storage(), tenant(), app::PrincipalKind::worker,
                                 "machine", kWritten, known),
             "a client");
    if (added.client.id != kClientId || added.secret != kClientSecret) {
        throw std::runtime_error("cases.hpp names another client than " + added.client.id + ", " +
                                 added.secret);
    }
}

void of_packages(Writer& w) {
    w.apply("parkausweis", R"({"name": "Erika Mustermann", "ermaessigt": false,
        "kennzeichen": "L-AB 123", "gewicht": 1400})");
    must(w.node().runtime().write_and_wait(
             tenant(),
             [id = w.id()](runtime::WriteBatch& batch) -> Result<void> {
                 SCHWARM_TRY_VOID(batch.put_document(id, "upload.txt", "a document"));
                 return batch.index_person(id, "plate", "L-AB 123");
             }),
         "a document");
    const auto* const heavy = R"({"name": "Max Mustermann", "ermaessigt": true,
        "kennzeichen": "L-AB 124", "gewicht": 3000})";
    w.apply("parkausweis", heavy);
    w.apply("parkausweis", heavy);
    w.task(0, {{"urteil", "unterlagen"}});
}

}  // namespace

std::vector<std::string> golden_packages() {
    return {std::string(SCHWARM_SOURCE_DIR) + "/src/services/test/data/parkausweis"};
}

void write_golden(Node& node) {
    Writer writer(node);
    writer.deploy({"cases.bpmn", "fee.dmn"});
    writer.deploy({"moving_1.bpmn"});
    waiting_for_others(writer);
    inside_structures(writer);
    stopped(writer);
    changed(writer);
    ended(writer);
    beside_cases(writer);
    of_packages(writer);
}

}  // namespace schwarm::compat
