package schwarm.peers.engines;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.flowable.common.engine.api.delegate.event.FlowableEngineEventType;
import org.flowable.common.engine.api.delegate.event.FlowableEntityEvent;
import org.flowable.common.engine.api.delegate.event.FlowableEvent;
import org.flowable.common.engine.api.delegate.event.FlowableEventListener;
import org.flowable.common.engine.impl.history.HistoryLevel;
import org.flowable.dmn.engine.configurator.DmnEngineConfigurator;
import org.flowable.dmn.engine.impl.cfg.StandaloneDmnEngineConfiguration;
import org.flowable.engine.ProcessEngine;
import org.flowable.engine.ProcessEngineConfiguration;
import org.flowable.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.flowable.engine.repository.DeploymentBuilder;
import org.flowable.engine.runtime.ProcessInstance;

/** Flowable with its DMN engine, embedded: history full, external worker jobs. */
public final class Flowable implements Engine {
    private static final Duration LOCK = Duration.ofMinutes(5);

    private final ProcessEngine engine;
    private final DmnEngineConfigurator decisions;

    private Flowable(ProcessEngine engine, DmnEngineConfigurator decisions) {
        this.engine = engine;
        this.decisions = decisions;
    }

    public static void main(String[] arguments) {
        Load.main("flowable", Flowable::open, arguments);
    }

    /**
     * Completing an external worker job only makes it a job of the engine's own executor, which
     * then goes on with the instance; so its end is told by an event after the commit.
     */
    private record Ended(LongConsumer told) implements FlowableEventListener {
        @Override
        public void onEvent(FlowableEvent event) {
            ProcessInstance instance = (ProcessInstance) ((FlowableEntityEvent) event).getEntity();
            told.accept(Long.parseLong(instance.getBusinessKey()));
        }

        @Override
        public boolean isFailOnException() {
            return true;
        }

        @Override
        public boolean isFireOnTransactionLifecycleEvent() {
            return true;
        }

        @Override
        public String getOnTransaction() {
            return "COMMITTED";
        }
    }

    private static Engine open(Store store, Path models, LongConsumer ended) throws Exception {
        // Its history is off unless it is asked for; each of the other engines keeps its decisions.
        DmnEngineConfigurator decisions = new DmnEngineConfigurator().setDmnEngineConfiguration(
                new StandaloneDmnEngineConfiguration().setHistoryEnabled(true));
        StandaloneProcessEngineConfiguration configuration =
                new StandaloneProcessEngineConfiguration();
        configuration.setJdbcDriver(store.driver());
        configuration.setJdbcUrl(store.url());
        configuration.setJdbcUsername(store.user());
        configuration.setJdbcPassword(store.password());
        configuration.setJdbcMaxActiveConnections(64);
        configuration.setJdbcMaxIdleConnections(64);
        configuration.setDatabaseSchemaUpdate(ProcessEngineConfiguration.DB_SCHEMA_UPDATE_TRUE);
        configuration.setHistoryLevel(HistoryLevel.FULL);
        configuration.setAsyncExecutorActivate(true);
        configuration.setDisableIdmEngine(true);
        configuration.setDisableEventRegistry(true);
        configuration.addConfigurator(decisions);
        configuration.setTypedEventListeners(
                Map.of(FlowableEngineEventType.PROCESS_COMPLETED.name(), List.of(new Ended(ended))));
        ProcessEngine engine = configuration.buildProcessEngine();
        DeploymentBuilder deployment = engine.getRepositoryService().createDeployment();
        for (String name : List.of("one_task.bpmn", "straight.bpmn", "einstufung.dmn")) {
            deployment.addString(name, Files.readString(models.resolve("flowable").resolve(name)));
        }
        deployment.deploy();
        return new Flowable(engine, decisions);
    }

    @Override
    public String jar() {
        return Engine.jarOf(ProcessEngine.class);
    }

    @Override
    public void start(String process, long number, Map<String, Object> variables) {
        engine.getRuntimeService()
                .startProcessInstanceByKey(process, Long.toString(number), variables);
    }

    @Override
    public List<Job> fetch(String worker, int maximum) {
        return engine.getManagementService().createExternalWorkerJobAcquireBuilder()
                .topic("work", LOCK).acquireAndLock(maximum, worker).stream()
                .map(job -> new Job(job.getId(), 0))
                .toList();
    }

    @Override
    public void complete(String worker, Job job) {
        engine.getManagementService().createExternalWorkerCompletionBuilder(job.id(), worker)
                .variable("ergebnis", 1L).complete();
    }

    @Override
    public Map<String, Object> variables(long number) {
        String instance = engine.getHistoryService().createHistoricProcessInstanceQuery()
                .processInstanceBusinessKey(Long.toString(number)).finished().singleResult()
                .getId();
        Map<String, Object> found = new HashMap<>();
        engine.getHistoryService().createHistoricVariableInstanceQuery().processInstanceId(instance)
                .list().forEach(
                        variable -> found.put(variable.getVariableName(), variable.getValue()));
        return found;
    }

    @Override
    public List<Rows> history(String process) {
        var history = engine.getHistoryService();
        String definition = engine.getRepositoryService().createProcessDefinitionQuery()
                .processDefinitionKey(process).singleResult().getId();
        Rows instances = new Rows("ACT_HI_PROCINST (ended)",
                history.createHistoricProcessInstanceQuery().processDefinitionKey(process)
                        .finished().count(), 1);
        Rows running = new Rows("ACT_RU_EXECUTION", engine.getRuntimeService()
                .createExecutionQuery().processDefinitionKey(process).count(), 0);
        long all = history.createHistoricActivityInstanceQuery().processDefinitionId(definition)
                .finished().count();
        long flows = history.createHistoricActivityInstanceQuery().processDefinitionId(definition)
                .activityType("sequenceFlow").finished().count();
        boolean oneTask = process.equals(Scenarios.ONE_TASK);
        Rows nodes = new Rows("ACT_HI_ACTINST (nodes)", all - flows, oneTask ? 3 : 10);
        Rows flow = new Rows("ACT_HI_ACTINST (flows)", flows, oneTask ? 2 : 9);
        if (oneTask) {
            return List.of(instances, running, nodes, flow);
        }
        return List.of(instances, running, nodes, flow,
                new Rows("ACT_DMN_HI_DECISION_EXECUTION",
                        decisions.getDmnEngineConfiguration().getDmnHistoryService()
                                .createHistoricDecisionExecutionQuery().count(), 1));
    }

    @Override
    public void close() {
        engine.close();
    }
}
