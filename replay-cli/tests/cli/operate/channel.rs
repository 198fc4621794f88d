use fixtures::bed::Bed;

use super::site::on_both;

#[test]
fn channels_are_paused() {
    on_both(
        "channel",
        async |_: &Bed| {},
        &[
            "channel list",
            "channel pause email --reason OPS-17",
            "channel pause email --reason OPS-17",
            "channel list",
            "channel list --json",
            "channel resume email --reason OPS-18 --json",
            "channel resume webhook --reason OPS-18",
            "channel list",
            "channel pause email",
            "channel pause e*mail --reason OPS-17",
        ],
    );
}
