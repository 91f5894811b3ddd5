"""Two regions of S3 on this machine: SeaweedFS twice, with its own asynchronous replication in between."""
