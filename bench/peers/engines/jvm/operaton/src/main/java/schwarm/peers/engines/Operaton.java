package schwarm.peers.engines;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.ProcessEngineConfiguration;
import org.operaton.bpm.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.operaton.bpm.engine.impl.persistence.StrongUuidGenerator;
import org.operaton.bpm.engine.repository.DeploymentBuilder;

/** Operaton, the fork of Camunda 7, embedded: history full, external tasks. */
public final class Operaton implements Engine {
    private static final long LOCK_MILLIS = 300_000;

    private final ProcessEngine engine;
    private final LongConsumer ended;

    private Operaton(ProcessEngine engine, LongConsumer ended) {
        this.engine = engine;
        this.ended = ended;
    }

    public static void main(String[] arguments) {
        Load.main("operaton", Operaton::open, arguments);
    }

    private static Engine open(Store store, Path models, LongConsumer ended) throws Exception {
        StandaloneProcessEngineConfiguration configuration =
                new StandaloneProcessEngineConfiguration();
        configuration.setJdbcDriver(store.driver());
        configuration.setJdbcUrl(store.url());
        configuration.setJdbcUsername(store.user());
        configuration.setJdbcPassword(store.password());
        configuration.setJdbcMaxActiveConnections(64);
        configuration.setJdbcMaxIdleConnections(64);
        configuration.setDatabaseSchemaUpdate(ProcessEngineConfiguration.DB_SCHEMA_UPDATE_TRUE);
        configuration.setHistory(ProcessEngineConfiguration.HISTORY_FULL);
        configuration.setJobExecutorActivate(false);
        configuration.setMetricsEnabled(false);
        configuration.setIdGenerator(new StrongUuidGenerator());
        ProcessEngine engine = configuration.buildProcessEngine();
        DeploymentBuilder deployment = engine.getRepositoryService().createDeployment();
        for (String name : List.of("one_task.bpmn", "straight.bpmn", "einstufung.dmn")) {
            deployment.addString(name, Files.readString(models.resolve("operaton").resolve(name)));
        }
        deployment.deploy();
        return new Operaton(engine, ended);
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
        return engine.getExternalTaskService().fetchAndLock(maximum, worker)
                .topic("work", LOCK_MILLIS).execute().stream()
                .map(task -> new Job(task.getId(), Long.parseLong(task.getBusinessKey())))
                .toList();
    }

    @Override
    public void complete(String worker, Job job) {
        engine.getExternalTaskService().complete(job.id(), worker, Map.of("ergebnis", job.number()));
        ended.accept(job.number());
    }

    @Override
    public Map<String, Object> variables(long number) {
        String instance = engine.getHistoryService().createHistoricProcessInstanceQuery()
                .processInstanceBusinessKey(Long.toString(number)).finished().singleResult()
                .getId();
        Map<String, Object> found = new HashMap<>();
        engine.getHistoryService().createHistoricVariableInstanceQuery().processInstanceId(instance)
                .list().forEach(variable -> found.put(variable.getName(), variable.getValue()));
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
        long nodes = history.createHistoricActivityInstanceQuery().processDefinitionId(definition)
                .finished().count();
        if (process.equals(Scenarios.ONE_TASK)) {
            return List.of(instances, running, new Rows("ACT_HI_ACTINST", nodes, 3),
                    new Rows("ACT_HI_EXT_TASK_LOG",
                            history.createHistoricExternalTaskLogQuery()
                                    .processDefinitionKey(process).count(), 2),
                    new Rows("ACT_HI_VARINST",
                            history.createHistoricVariableInstanceQuery()
                                    .processDefinitionKey(process).count(), 3));
        }
        return List.of(instances, running, new Rows("ACT_HI_ACTINST", nodes, 10),
                new Rows("ACT_HI_DECINST",
                        history.createHistoricDecisionInstanceQuery()
                                .processDefinitionKey(process).count(), 1),
                new Rows("ACT_HI_VARINST",
                        history.createHistoricVariableInstanceQuery()
                                .processDefinitionKey(process).count(), 6));
    }

    @Override
    public void close() {
        engine.close();
    }
}
