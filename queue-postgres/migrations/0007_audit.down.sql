DROP INDEX leasehold.audit_target, leasehold.audit_action, leasehold.audit_actor;
