-- Messages between tenants and the directory of the network (storage/storage.hpp).
CREATE TABLE exchange      (k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL);
CREATE TABLE directory     (k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL);
