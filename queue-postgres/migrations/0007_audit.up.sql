-- Finding what was done. Each goes on by the number.
CREATE INDEX audit_target ON leasehold.audit (target, seq);
CREATE INDEX audit_action ON leasehold.audit (action, seq);
CREATE INDEX audit_actor ON leasehold.audit (actor, seq);
