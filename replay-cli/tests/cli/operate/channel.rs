use fixtures::bed::{Bed, message};
use queue_core::PublishBatch;

use super::site::{Site, on_both};

#[test]
fn channels_are_paused() {
    on_both(
        "channel",
        async |_: &Bed| {},
        &[
            "channel list",
            "channel pause email --reason OPS-17",
            "channel pause email --new --reason OPS-17",
            "channel pause email --reason OPS-17",
            "channel pause emial --reason OPS-17",
            "channel resume emial --reason OPS-17",
            "channel list",
            "channel list --json",
            "channel resume email --reason OPS-18 --json",
            "channel resume webhook --reason OPS-18",
            "channel list",
            "channel pause email --reason OPS-19 --json",
            "channel pause email",
            "channel pause e*mail --reason OPS-17",
        ],
    );
}

/// A channel is known by what is to be sent through it, or by the configuration.
#[test]
fn channels_that_are_used_are_known() {
    for site in Site::both() {
        site.seed(async |bed: &Bed| {
            let batch = PublishBatch::new(vec![message("ada@example.org")]).unwrap();
            bed.store.publish(batch).await.unwrap();
        });
        site.run("channel pause email --reason OPS-17").data();
        let toml = "[channels.books]\ntype = \"file\"\npath = \"messages.jsonl\"\n";
        site.desk.file("leasehold.toml", toml);
        let line = "channel pause books --reason OPS-17";
        site.run(line).error(3);
        site.run(&format!("{line} --config leasehold.toml")).data();
    }
}
