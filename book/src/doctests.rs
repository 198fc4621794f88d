//! The Rust of the pages, compiled and run as it is shown. A test holds this list to the pages.

macro_rules! pages {
    ($($name:ident = $path:literal,)+) => {
        $(#[doc = include_str!(concat!("../../", $path))] struct $name;)+
    };
}

pages! {
    Readme = "README.md",
    DeliverNotifications = "docs/guides/deliver-notifications.md",
    ReadByAContract = "docs/guides/read-by-a-contract.md",
    WriteAChannel = "docs/guides/write-a-channel.md",
    WriteAWorker = "docs/guides/write-a-worker.md",
    FanOut = "docs/recipes/fan-out.md",
    Idempotency = "docs/recipes/idempotency.md",
    IdleWorkers = "docs/recipes/idle-workers.md",
    Limits = "docs/recipes/limits.md",
    OrderedWork = "docs/recipes/ordered-work.md",
    Schedules = "docs/recipes/schedules.md",
    TestYourHandlers = "docs/recipes/test-your-handlers.md",
}
