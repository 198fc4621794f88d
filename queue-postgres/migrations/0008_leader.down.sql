DROP TABLE leasehold.leader;
