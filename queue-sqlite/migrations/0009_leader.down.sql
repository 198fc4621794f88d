DROP TABLE leasehold_leader;
