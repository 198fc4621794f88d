DROP TRIGGER leasehold_audit_no_replace;
DROP TRIGGER leasehold_audit_no_delete;
DROP TRIGGER leasehold_audit_no_update;
DROP INDEX leasehold_audit_actor;
DROP INDEX leasehold_audit_action;
DROP INDEX leasehold_audit_target;
