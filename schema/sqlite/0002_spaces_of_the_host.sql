-- Open incidents, kept messages, start events by time, batches (storage/storage.hpp).
CREATE TABLE incidents     (k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE messages      (k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL);
CREATE TABLE starts        (k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE batches       (k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL);
