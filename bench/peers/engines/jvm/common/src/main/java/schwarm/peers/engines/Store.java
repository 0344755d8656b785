package schwarm.peers.engines;

import java.nio.file.Path;

/** The database of an engine. */
public record Store(String name, String driver, String url, String user, String password) {
    /**
     * H2 in a file. Written at each commit (WRITE_DELAY=0). The larger cache of prepared statements
     * spares it parsing.
     */
    static Store h2(Path file) {
        return new Store("h2", "org.h2.Driver",
                "jdbc:h2:file:" + file.toAbsolutePath()
                        + ";WRITE_DELAY=0;QUERY_CACHE_SIZE=1000;DB_CLOSE_ON_EXIT=FALSE",
                "sa", "");
    }

    /** PostgreSQL on this machine; the script starts it. The password is in PEERS_PG_PASSWORD. */
    static Store postgres(String port, String database) {
        return new Store("postgres", "org.postgresql.Driver",
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database, "postgres",
                System.getenv().getOrDefault("PEERS_PG_PASSWORD", ""));
    }
}
