use fixtures::bed::Bed;

use super::site::on_both;

#[test]
fn who_gets_nothing_is_seen_and_changed() {
    on_both(
        "suppression",
        async |_: &Bed| {},
        &[
            "suppression list",
            "suppression add email ada@example.org --class ASKED_FOR_IT --reason OPS-17",
            "suppression add email bob@example.org --class MAILBOX_FULL --for 2days --evidence 452 --reason OPS-17",
            "suppression list",
            "suppression list --channel email --unmask --limit 1",
            "suppression list --channel email --after 1 --json",
            "suppression list --channel webhook",
            "suppression remove 1 --reason OPS-18",
            "suppression remove 1 --reason OPS-18",
            "suppression remove --channel email --recipient bob@example.org --reason OPS-18 --json",
            "suppression remove --channel email --recipient bob@example.org --reason OPS-18",
            "suppression add email zoe@example.org --class BLOCKED --for 2days --reason OPS-19 --json",
            "suppression remove --recipient bob@example.org --reason OPS-18",
            "suppression remove --reason OPS-18",
            "suppression add email ada@example.org --class lower --reason OPS-17",
            "suppression add email ada@example.org --class A --for ever --reason OPS-17",
            "suppression add email ada@example.org --class A --for 0s --reason OPS-17",
        ],
    );
}
