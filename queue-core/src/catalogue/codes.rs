//! The table of codes: the one source of every code that the library gives.
//!
//! A released code keeps its name, its stage, its parameters and its reasons; what is not given any
//! more is retired, not removed: `since "0.1.0" retired "0.3.0" instead Some(Code::Other)`.

use super::{Entry, Example, Parameter, ParameterKind, Reason, Responsible, Retry, Stage, Status};

table! {
    InvalidJson = "invalid_json", since "0.1.0", Contract, AfterFix, Producer {
        meaning "The input cannot be read as the one JSON document that it should be."
        remedy "Write one JSON document in UTF-8, without anything before or after it."
        parameters {
            path: Path "The value in which the reading stopped, if one had begun.",
            detail: Text "What was found there, and in which line and column.",
        }
        reasons {
            empty_input "There is nothing but white space.",
            not_utf8 "The bytes are not UTF-8.",
            syntax "It breaks the grammar of JSON, or ends too soon.",
            trailing_text "Something follows the document.",
            duplicate_key "An object has the same key twice: readers differ on which counts.",
            lone_surrogate "An escape names half of a surrogate pair, which is no character.",
            nul_character "A text has a NUL, which not every store can keep.",
            byte_order_mark "The input begins with a byte order mark.",
            number_out_of_range "A number is larger than any that can be held.",
            wrapped_in_text "The document has prose around it.",
            wrapped_in_fence "The document is in a Markdown code fence.",
        }
        example Reads r#"{"version": "1.2", "title": "unfinished""#
    }
    LimitExceeded = "limit_exceeded", since "0.1.0", Contract, AfterFix, Producer {
        meaning "The document is larger than its contract lets one be read."
        remedy "Write a smaller document, or raise the limit in the contract."
        parameters {
            path: Path "The value with which the limit was passed.",
            detail: Text "The limit.",
        }
        reasons {
            too_many_bytes "It has more bytes.",
            too_deep "Its arrays and objects are nested deeper.",
            too_many_items "Its arrays and objects have more items.",
            too_many_diagnostics "There is more to say of it.",
        }
        example Reads "[[[[[]]]]]"
    }
    SchemaMismatch = "schema_mismatch", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A value of the document is not as its contract wants it."
        remedy "Write the value as the contract describes the field."
        parameters {
            path: Path "The value.",
            detail: Text "What is wanted, and of what kind this is.",
            old: Text "What was found, where it is a text, a number or null.",
        }
        reasons {
            wrong_type "It is of another type.",
            null_not_allowed "It is null where a value is wanted.",
            unknown_field "The contract has no field of this name.",
            not_an_integer "The number has a fraction.",
            integer_out_of_range "The number does not fit the integer type of the field.",
            not_ascii_digits "The text should be a number and has other characters than the digits 0 to 9.",
            out_of_range "The number is below the least or above the greatest that is allowed.",
            too_short "The text has too few characters.",
            too_long "The text has too many characters.",
            pattern_mismatch "The text is not of the form that the contract gives.",
            too_few_items "The list has too few items.",
            too_many_items "The list has too many items.",
            duplicate_item "The list has the same item twice.",
            rule_broken "A rule of the contract over several fields does not hold.",
        }
        example Reads r#"{"version": "1.2", "title": 17}"#
    }
    MissingRequiredField = "missing_required_field", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A field without which the document says nothing is not there."
        remedy "Write the field, with a value that says something."
        parameters {
            path: Path "The field.",
            detail: Text "What requires it, where it is not always required.",
            old: Text "The blank text.",
        }
        reasons {
            absent "There is no such field.",
            null "The field is null.",
            blank "The field has an empty text, or nothing but white space.",
            required_with "Another field is there that requires this one.",
        }
        example Reads r#"{"version": "1.2"}"#
    }
    InvalidEnumValue = "invalid_enum_value", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A value is none of those that its field may have."
        remedy "Write one of the values that the contract lists, in the same letters."
        parameters {
            path: Path "The value.",
            detail: Text "The values that are allowed.",
            old: Text "What was found, where it is a text, a number or null.",
        }
        reasons {
            unknown_value "No value is like it.",
            wrong_case "A value differs from it in upper and lower case only.",
        }
        example Reads r#"{"version": "1.2", "title": "A leak", "severity": "terrible"}"#
    }
    InvalidLineRange = "invalid_line_range", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A range of lines cannot be one of the file."
        remedy "Write the first and the last line, counted from 1, as they are in the file."
        parameters {
            path: Path "The end of the range that is wrong.",
            detail: Text "What is wanted.",
            old: Text "What was found, where it is a text, a number or null.",
        }
        reasons {
            out_of_range "A line is below 1 or past the end of the file.",
            end_before_start "The last line comes before the first.",
        }
        example Reads r#"{"version": "1.2", "title": "A leak", "file": "src/changed.rs", "lines": {"start": 9, "end": 3}}"#
    }
    IncompatibleVersion = "incompatible_version", since "0.1.0", Contract, AfterFix, Producer {
        meaning "The document is of a version of its contract that this reader does not read."
        remedy "Write the version that the reader names, or update the older of the two."
        parameters {
            path: Path "The field with the version.",
            detail: Text "The versions that are read.",
            old: Text "The version of the document, as it was written.",
        }
        reasons {
            malformed "The version is not one.",
            major_differs "It is of another major version.",
            older_minor "Its minor version is older than the oldest that is read.",
            minor_differs "It is of another minor version, and the contract wants the same one.",
            not_exact "It is another version, and the contract wants exactly one.",
        }
        example Reads r#"{"version": "99.0", "title": "A leak"}"#
    }
    ContextMissing = "context_missing", since "0.1.0", Contract, AfterFix, Consumer {
        meaning "The reader was not given what a rule of the contract compares with."
        remedy "Give the reader the context that the rule names; the document is not at fault."
        parameters {
            detail: Text "What was not given.",
        }
        reasons {
            absent "It was not given.",
            wrong_type "It was given, as something that cannot be compared with.",
        }
        example Reads r#"{"version": "1.2", "title": "A leak", "team": "core"}"#
    }
    NotInContext = "not_in_context", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A value is not one that the reader's context knows."
        remedy "Write a value that exists where the document is read."
        parameters {
            path: Path "The value, or the object that a check of the program refused.",
            detail: Text "What it was looked for in, or what the check said.",
            old: Text "What was found, where it is a text, a number or null.",
        }
        reasons {
            not_listed "The list in the context does not have it.",
            refused "A check of the program said no.",
        }
        example Reads r#"{"version": "1.2", "title": "A leak", "owner": "nobody"}"#
    }
    FileNotInChangedFiles = "file_not_in_changed_files", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A file is named that is not one of the change."
        remedy "Name a file of the change, by the path that the change gives it."
        parameters {
            path: Path "The value.",
            detail: Text "What it was looked for in.",
            old: Text "What was found, where it is a text, a number or null.",
        }
        reasons {
            not_listed "The change does not have it.",
        }
        example Reads r#"{"version": "1.2", "title": "A leak", "file": "src/not_changed.rs"}"#
    }
    CoercionApplied = "coercion_applied", since "0.1.0", Contract, Never, Producer {
        meaning "A value was not quite as the contract wants it, and was read as what it clearly means."
        remedy "Nothing has to be done; write the value in the wanted form, and the notice is gone."
        parameters {
            path: Path "The value; empty where something stood around the document.",
            old: Text "What was written.",
            new: Text "As what it was read.",
        }
        reasons {
            trimmed "White space around it was left out.",
            path_separators "Backslashes of a path were read as slashes.",
            leading_dot_slash "A `./` before a path was left out.",
            digits_to_integer "A text of digits was read as a number.",
            fence_unwrapped "The document was taken out of a Markdown code fence.",
            text_unwrapped "The document was taken out of the prose around it.",
            byte_order_mark_removed "A byte order mark was left out.",
        }
        example Reads r#"{"version": "1.2", "title": "  A leak "}"#
    }
    ItemDropped = "item_dropped", since "0.1.0", Contract, AfterFix, Producer {
        meaning "An item of a list is not valid and was left out; the rest was read. The reason is the code of its first problem."
        remedy "Mend the item; its problems are reported with it."
        parameters {
            path: Path "The item.",
        }
        reason of "its first problem"
        example Reads r#"{"version": "1.2", "title": "A list", "items": [{"name": "good"}, {"name": 17}]}"#
    }
    FindingDropped = "finding_dropped", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A finding of a review is not valid and was left out; the rest was read. The reason is the code of its first problem."
        remedy "Mend the finding; its problems are reported with it."
        parameters {
            path: Path "The finding.",
        }
        reason of "its first problem"
        example Reads r#"{"title": "A review", "findings": [{"title": "good"}, {"title": 17}]}"#
    }
    AllItemsDropped = "all_items_dropped", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A list had items and none of them is valid."
        remedy "Mend the items; the problems of each are reported with it."
        parameters {
            path: Path "The list.",
            detail: Text "How many items it had.",
        }
        reasons {
            nothing_left "No item is left.",
        }
        example Reads r#"{"version": "1.2", "title": "A list", "items": [{"name": 17}]}"#
    }
    AllFindingsDropped = "all_findings_dropped", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A review had findings and none of them is valid."
        remedy "Mend the findings; the problems of each are reported with it."
        parameters {
            path: Path "The list.",
            detail: Text "How many findings it had.",
        }
        reasons {
            nothing_left "No finding is left.",
        }
        example Reads r#"{"title": "A review", "findings": [{"title": 17}]}"#
    }
    DocumentRejected = "document_rejected", since "0.1.0", Contract, AfterFix, Producer {
        meaning "The document cannot be used as a whole. The reason is the code of its first problem."
        remedy "Mend the document; its problems are reported with it."
        reason of "its first problem"
        example Reads "{}"
    }
    ResponseRejected = "response_rejected", since "0.1.0", Contract, AfterFix, Provider {
        meaning "The response of a provider cannot be used as a whole. The reason is the code of its first problem."
        remedy "Ask again, with the problems that are reported with it; the same response stays rejected."
        reason of "its first problem"
        example Reads "I have found no problems."
    }

    Created = "created", since "0.1.0", Enqueue, Never, Producer {
        meaning "The job is stored."
        remedy "Nothing has to be done."
        parameters { job: Id "The new job." }
        example Happens "A job is enqueued under a key that nobody has used."
    }
    Duplicate = "duplicate", since "0.1.0", Enqueue, Never, Producer {
        meaning "It is stored already: a job with this key, or a notification with this intent. Nothing was created."
        remedy "Nothing has to be done: the answer names the one that is there. Use another key or intent if this is another matter."
        parameters { id: Id "The job or notification that is there." }
        example Happens "A job is enqueued twice under the same key."
    }
    AlreadySucceeded = "already_succeeded", since "0.1.0", Enqueue, Never, Producer {
        meaning "This revision of its subject was done already. Nothing was created."
        remedy "Nothing has to be done: the answer names the job that did it."
        parameters { job: Id "The job that succeeded." }
        example Happens "A revision is enqueued that a job has succeeded with."
    }
    StaleRevision = "stale_revision", since "0.1.0", Enqueue, Never, Producer {
        meaning "A higher revision of its subject was done already. Nothing was created."
        remedy "Drop the older revision: its result would replace a newer one."
        parameters {
            succeeded: Id "The job that succeeded.",
            latest: Integer "Its revision.",
        }
        example Happens "Revision 1 is enqueued after a job has succeeded with revision 2."
    }
    RerunRequired = "rerun_required", since "0.1.0", Enqueue, AfterFix, Producer {
        meaning "A lower revision of its subject was done already. Nothing was created."
        remedy "Enqueue it with `rerun` if the subject is to be done again."
        parameters {
            succeeded: Id "The job that succeeded.",
            latest: Integer "Its revision.",
        }
        example Happens "Revision 2 is enqueued, without `rerun`, after a job has succeeded with revision 1."
    }
    InvalidName = "invalid_name", since "0.1.0", Enqueue, AfterFix, Producer {
        meaning "A queue, a kind, a key or another name is not one. Nothing was stored."
        remedy "Write the name as the error says."
        example Happens "A job is enqueued into a queue without a name."
    }
    InvalidPayload = "invalid_payload", since "0.1.0", Enqueue, AfterFix, Producer {
        meaning "The payload is too large, its content type is none, or it cannot be written as JSON. Nothing was stored."
        remedy "Store large content elsewhere and enqueue a reference to it; otherwise mend it as the error says."
        example Happens "A job is enqueued whose payload is larger than the limit."
    }
    InvalidHeader = "invalid_header", since "0.1.0", Enqueue, AfterFix, Producer {
        meaning "A header is not one, or the headers are too large together. Nothing was stored."
        remedy "Mend the header as the error says, or put larger things into the payload."
        example Happens "A job is enqueued with a header that has a NUL."
    }
    InvalidContent = "invalid_content", since "0.1.0", Enqueue, AfterFix, Producer {
        meaning "What a job says of itself does not hold by the check of its type. Nothing was stored."
        remedy "Mend the value as the check says."
        parameters {
            kind: Text "The kind of the job.",
            problem: Text "What does not hold, in the words of the check.",
        }
        example Happens "A job is enqueued that its own `Job::check` refuses."
    }
    InvalidBatch = "invalid_batch", since "0.1.0", Enqueue, AfterFix, Producer {
        meaning "The jobs cannot be stored together. None was stored."
        remedy "Split the batch, or mend it as the error says."
        example Happens "More than 10,000 jobs are enqueued at once."
    }
    RefusedByMiddleware = "refused_by_middleware", since "0.1.0", Enqueue, AfterFix, Producer {
        meaning "A middleware of the service did not let the job in. Nothing was stored."
        remedy "Mend the job as the middleware says."
        parameters { refusal: Text "What the middleware says." }
        example Happens "A middleware that wants a tenant sees a job without one."
    }

    ScheduleExpression = "expression", since "0.1.0", Schedule, AfterFix, Producer {
        meaning "The expression of a schedule is not a cron expression."
        remedy "Write minute, hour, day of month, month and day of week, like `0 3 * * *`."
        parameters {
            expression: Text "What was given, shortened.",
            problem: Text "What is wrong with it.",
        }
        example Happens "A schedule is made of the expression `every day`."
    }
    ScheduleNever = "never", since "0.1.0", Schedule, AfterFix, Producer {
        meaning "The expression of a schedule names no day that ever comes."
        remedy "Write a day of the month that one of its months has."
        parameters { expression: Text "What was given." }
        example Happens "A schedule is made for the 30th of February."
    }
    ScheduleZone = "zone", since "0.1.0", Schedule, AfterFix, Producer {
        meaning "The time zone of a schedule is not one."
        remedy "Write a name of the IANA database, like Europe/Berlin or UTC."
        parameters { zone: Text "What was given." }
        example Happens "A schedule is made in the zone `Europe/Nowhere`."
    }
    ScheduleInterval = "interval", since "0.1.0", Schedule, AfterFix, Producer {
        meaning "The interval of a schedule is too short or too long."
        remedy "Choose from 1 second to 366 days."
        parameters { interval: Duration "What was given." }
        example Happens "A schedule is made for every 0 seconds."
    }
    ScheduleTemplate = "template", since "0.1.0", Schedule, AfterFix, Producer {
        meaning "The job of a schedule has something that cannot be repeated, like a key of its own."
        remedy "Leave it out, as the error says."
        parameters { what: Text "What it has." }
        example Happens "A schedule is made of a job that has an idempotency key."
    }
    ScheduleHeaders = "headers", since "0.1.0", Schedule, AfterFix, Producer {
        meaning "The headers of a schedule's job leave no room for the one that names the tick."
        remedy "Put larger things into the payload."
        example Happens "A schedule is made of a job whose headers fill the limit."
    }
    Overtaken = "overtaken", since "0.1.0", Schedule, Never, Operator {
        meaning "Somebody else fired these ticks, or the schedule was changed meanwhile. Nothing was changed."
        remedy "Nothing has to be done: each tick is fired once, by whoever comes first."
        example Happens "The same ticks are fired twice."
    }

    Unclassified = "UNCLASSIFIED", since "0.1.0", Worker, Same, Consumer {
        meaning "The handler failed with an error that nobody classified. It is retried."
        remedy "Give the error a class where it is known whether another attempt can help: `JobError::retryable` and `JobError::permanent`."
        example Happens "A handler gives back an error of a type that is not known here."
    }
    HandlerPanic = "HANDLER_PANIC", since "0.1.0", Worker, AfterFix, Consumer {
        meaning "The handler panicked: a bug. The job is a dead letter at once."
        remedy "Mend the handler; the text of the panic is in the dead letter. Then attach evidence and replay the job."
        example Happens "A handler panics."
    }
    LeaseExpired = "LEASE_EXPIRED", since "0.1.0", Worker, Same, Operator {
        meaning "The lease ran out before the work was settled: the process hung, died or lost its database. It is retried."
        remedy "Nothing if it is rare. If it is frequent, look for what becomes of the workers' processes."
        example Happens "A job is claimed, its worker dies, and a sweep finds the lease after its end."
    }
    DeadlineExceeded = "DEADLINE_EXCEEDED", since "0.1.0", Worker, Same, Consumer {
        meaning "The handler ran past the deadline of its kind. It is retried."
        remedy "Look for what it waited for; give the kind a longer timeout if the work needs it."
        example Happens "A handler waits for longer than the timeout of its kind."
    }
    SchemaInvalid = "SCHEMA_INVALID", since "0.1.0", Worker, AfterFix, Producer {
        meaning "What the job was given does not say what its kind needs, or something that the handler made is not valid. The job is a dead letter at once."
        remedy "Mend the producer, or let the handler read the older shape too. Then attach evidence and replay the job."
        example Happens "A job is run whose payload is not of the type of its kind."
    }
    NetworkTimeout = "NETWORK_TIMEOUT", since "0.1.0", Worker, Same, Provider {
        meaning "The other side did not answer in time. It is retried."
        remedy "Nothing while it passes. Look at the other side if it does not."
        example Happens "A handler gives back an I/O error of the kind `TimedOut`."
    }
    NetworkUnreachable = "NETWORK_UNREACHABLE", since "0.1.0", Worker, Same, Provider {
        meaning "The other side could not be reached, or went away. It is retried."
        remedy "Nothing while it passes. Look at the other side, and at the way to it, if it does not."
        example Happens "A handler connects to a port where nobody listens."
    }
    OutcomeRefused = "OUTCOME_REFUSED", since "0.1.0", Worker, AfterFix, Consumer {
        meaning "What the handler came to cannot be stored: too much follows from it, say. The job is a dead letter."
        remedy "Let the handler bring less at once: let a follow-up job bring the rest. Then attach evidence and replay the job."
        example Happens "A handler comes to 10,001 follow-up jobs."
    }
    CompletedTwice = "COMPLETED_TWICE", since "0.1.0", Worker, AfterFix, Consumer {
        meaning "A handler asked for a settlement of what was settled in a transaction before. The job stays as that transaction left it."
        remedy "Return what `Context::settled` gave, and do not complete the job with it again."
        example Happens "A handler asks `Context::settlement` for what `Context::settled` gave it."
    }
    LeaseLost = "lease_lost", since "0.1.0", Worker, Never, Consumer {
        meaning "The lease is not the current one any more. What is written under it is refused, and a handler that runs under it is told to stop."
        remedy "Stop: whoever holds the job now does it. Nothing was changed."
        example Happens "A job is settled after its lease ran out."
    }
    CancelRequested = "cancel_requested", since "0.1.0", Worker, Never, Consumer {
        meaning "Somebody cancelled the job while it ran: it ends as cancelled, whatever the attempt comes to."
        remedy "Stop the work; what was written outside the job has to be undone by the handler."
        example Happens "A job is settled after somebody cancelled it."
    }
    DeadlinePassed = "deadline_exceeded", since "0.1.0", Worker, Never, Consumer {
        meaning "A handler is told to stop: it has run for longer than its kind allows. What it still comes to within the grace counts."
        remedy "Stop the work soon. A failure from now on has the class DEADLINE_EXCEEDED."
        example Happens "A handler that waits for `Context::cancelled` runs past the timeout of its kind."
    }
    Shutdown = "shutdown", since "0.1.0", Worker, Never, Consumer {
        meaning "A handler is told to stop: its worker stops. If it fails now, the job goes back and no attempt is consumed."
        remedy "Stop the work soon; another worker begins it again."
        example Happens "A worker is stopped while a handler waits for `Context::cancelled`."
    }
    ReportPercent = "percent", since "0.1.0", Worker, AfterFix, Consumer {
        meaning "A progress report says more than all of it."
        remedy "Choose from 0 to 100."
        parameters { percent: Integer "What was given." }
        example Happens "A handler reports 101 percent."
    }
    NoteTooLong = "too_long", since "0.1.0", Worker, AfterFix, Consumer {
        meaning "The note of a progress report is too long."
        remedy "Say where the job is, and put what it found into its result."
        parameters { bytes: Integer "How long it is." }
        example Happens "A handler reports a note of 1,001 bytes."
    }
    NoteNul = "nul", since "0.1.0", Worker, AfterFix, Consumer {
        meaning "The note of a progress report has a NUL character, which not every store can keep."
        remedy "Leave it out."
        example Happens "A handler reports a note with a NUL."
    }
    Extended = "extended", since "0.1.0", Worker, Never, Consumer {
        meaning "The lease was renewed."
        remedy "Nothing has to be done."
        example Happens "A lease is renewed in time."
    }
    AlreadyStored = "already_stored", since "0.1.0", Worker, Never, Consumer {
        meaning "The stage had an output already, which was kept. Nothing was changed."
        remedy "Nothing has to be done: use the output that is there."
        example Happens "The same stage is checkpointed twice."
    }
    Succeeded = "succeeded", since "0.1.0", Worker, Never, Consumer {
        meaning "An attempt succeeded, and with it the job."
        remedy "Nothing has to be done."
        example Happens "A worker runs a handler that succeeds, and counts how it ended."
    }
    AwaitingDelivery = "awaiting_delivery", since "0.1.0", Worker, Never, Consumer {
        meaning "An attempt succeeded; the job waits for notifications that it requires."
        remedy "Nothing has to be done while they are sent."
        example Happens "A worker runs a handler that requires a notification, and counts how it ended."
    }
    Retried = "retried", since "0.1.0", Worker, Same, Consumer {
        meaning "An attempt failed, and another one follows."
        remedy "Nothing while it passes; the class of the failure says more."
        example Happens "A worker runs a handler that fails and may be tried again, and counts how it ended."
    }
    PutBack = "put_back", since "0.1.0", Worker, Same, Consumer {
        meaning "An attempt ended without having failed, and the job is queued again: it was snoozed or given back."
        remedy "Nothing has to be done."
        example Happens "A worker runs a handler that snoozes its job, and counts how it ended."
    }
    Dead = "dead", since "0.1.0", Worker, AfterFix, Operator {
        meaning "An attempt failed for good, or was the last one. The job is a dead letter."
        remedy "Read the class of its failure, mend the cause, attach evidence and replay the job, or close it."
        example Happens "A worker runs a handler that fails for good, and counts how it ended."
    }

    Stored = "stored", since "0.1.0", Delivery, Never, Producer {
        meaning "It is stored: a notification, or the output of a stage."
        remedy "Nothing has to be done."
        example Happens "A notification is published."
    }
    Sent = "sent", since "0.1.0", Delivery, Never, Provider {
        meaning "The provider took the notification."
        remedy "Nothing has to be done."
        parameters { provider_id: Text "The provider's id for it, if it gave one." }
        example Happens "A notification is marked with what the provider answered."
    }
    Retry = "retry", since "0.1.0", Delivery, Same, Provider {
        meaning "The notification was not sent, and will be tried again."
        remedy "Nothing while it passes; the class of the failure says more."
        parameters { class: Text "The class of the failure." }
        example Happens "The provider asks to come back later."
    }
    Failed = "failed", since "0.1.0", Delivery, AfterFix, Operator {
        meaning "The provider refused the notification for good."
        remedy "Mend the recipient or the message; the class of the failure says more."
        parameters { class: Text "The class of the failure." }
        example Happens "The provider knows no such recipient."
    }
    Waived = "waived", since "0.1.0", Delivery, Never, Operator {
        meaning "An operator decided that the notification need not be sent. A job that required it is finished."
        remedy "Nothing has to be done."
        example Happens "An operator waives a notification that failed."
    }
    InDoubt = "in_doubt", since "0.1.0", Delivery, AfterReconcile, Operator {
        meaning "Nobody knows whether the provider took the notification. It is not sent again by itself."
        remedy "Ask the provider for the notification's key, and mark the row as sent, or to be sent again."
        parameters { class: Text "The class of the failure." }
        example Happens "The connection breaks after the message was handed over and before the answer."
    }

    ProviderBusy = "PROVIDER_BUSY", since "0.1.0", Delivery, Same, Provider {
        meaning "The provider takes nothing at the moment: it is overloaded, limits our rate, or tells us to come back later. The message was not taken, and is tried again."
        remedy "Nothing while it passes. Lower the channel's rate if it does not."
        example Happens "A provider answers with 451."
    }
    ReplyLost = "REPLY_LOST", since "0.1.0", Delivery, AfterReconcile, Operator {
        meaning "The connection broke, or time ran out, after the message may have been taken and before the answer came."
        remedy "The reconciler asks the provider where that is possible. Where it is not, find out whether the recipient has the message, and give the verdict."
        example Happens "A provider closes the connection instead of answering to the message."
    }
    DeliveryInterrupted = "DELIVERY_INTERRUPTED", since "0.1.0", Delivery, AfterReconcile, Operator {
        meaning "The lease on the notification ran out while it was being sent: the process died or hung."
        remedy "As for REPLY_LOST; a row that had not reached the phase `committing` is sent again by itself."
        example Happens "A deliverer is killed while it waits for the provider's answer."
    }
    MessageRefused = "MESSAGE_REFUSED", since "0.1.0", Delivery, AfterFix, Operator {
        meaning "The provider refused this message for good."
        remedy "Read what it answered, mend the cause, then retry, redirect or waive the notification."
        example Happens "A provider answers to the message with 554."
    }
    MessageUnsupported = "MESSAGE_UNSUPPORTED", since "0.1.0", Delivery, AfterFix, Producer {
        meaning "What is stored is not what the channel sends: another type of content, or not the bytes that were stored. It was not sent."
        remedy "Render the message for its channel, and publish it under a new revision."
        example Happens "A text is published for a channel that sends mails."
    }
    TargetForbidden = "TARGET_FORBIDDEN", since "0.1.0", Delivery, AfterFix, Operator {
        meaning "The target is not a public address: a private network, this machine, a metadata service. It was not spoken to."
        remedy "If it is meant, add it to what the channel allows; then retry the notification."
        example Happens "A webhook is to be sent to an address of a private network."
    }
    RecipientRefused = "RECIPIENT_REFUSED", since "0.1.0", Delivery, AfterFix, Operator {
        meaning "There is no such recipient. The address is on the suppression list from now on."
        remedy "Find the right address and redirect the notification, or waive it."
        example Happens "A provider answers to the recipient with 550 5.1.1."
    }
    RecipientSuppressed = "RECIPIENT_SUPPRESSED", since "0.1.0", Delivery, AfterFix, Operator {
        meaning "The recipient is on the suppression list of the channel. The provider was not asked."
        remedy "Redirect the notification or waive it; or take the recipient off the list and retry it."
        example Happens "A notification is due to a recipient whom an operator has suppressed."
    }
    SenderRefused = "SENDER_REFUSED", since "0.1.0", Delivery, AfterFix, Operator {
        meaning "The provider takes nothing from us: credentials, permissions or our reputation. The channel is paused, and its notifications wait."
        remedy "Mend what the provider names, then resume the channel."
        example Happens "A provider answers to the sender with 550 5.7.1."
    }
    NotDelivered = "NOT_DELIVERED", since "0.1.0", Delivery, Same, Provider {
        meaning "A notification was in doubt, and has not been delivered: the provider has not got it, or it had never been handed over, or an operator said so. It is sent again."
        remedy "Nothing has to be done."
        example Happens "A provider is asked for a message in doubt, and does not know it."
    }
    Verdict = "VERDICT", since "0.1.0", Delivery, Never, Operator {
        meaning "An operator found out whether a notification in doubt was delivered; the text says where that can be read."
        remedy "Nothing has to be done."
        example Happens "An operator gives the verdict on a notification in doubt."
    }
    OrderingViolated = "ORDERING_VIOLATED", since "0.1.0", Delivery, AfterReconcile, Operator {
        meaning "A notification is marked as sent, and the provider has not got it. The mark is taken back, and the row is reconciled."
        remedy "Find out who marks without sending, or which side lost a message: this must not happen."
        example Happens "A row is marked as sent by hand, and the provider is asked for it."
    }

    Applied = "applied", since "0.1.0", Store, Never, Consumer {
        meaning "It is written: a settlement, a delivery, a firing or a change of a dead letter."
        remedy "Nothing has to be done."
        example Happens "A job is settled under its lease."
    }
    Empty = "empty", since "0.1.0", Store, AfterFix, Consumer {
        meaning "There is nothing in it: in a batch, or in a progress report."
        remedy "Pass at least one item; give a report a percentage or a note."
        example Happens "A batch of no jobs is made."
    }
    TooLarge = "too_large", since "0.1.0", Store, AfterFix, Consumer {
        meaning "A batch has too many items."
        remedy "Split it."
        parameters {
            size: Integer "How many it has.",
            limit: Integer "How many at most.",
        }
        example Happens "A batch of 10,001 jobs is made."
    }
    TooManyBytes = "too_many_bytes", since "0.1.0", Store, AfterFix, Consumer {
        meaning "The payloads of a batch have too many bytes together."
        remedy "Split it."
        parameters {
            size: Integer "How many they have.",
            limit: Integer "How many at most.",
        }
        example Happens "A batch is made of jobs that have more than 64 MiB together."
    }
    TooManyEffects = "too_many_effects", since "0.1.0", Store, AfterFix, Consumer {
        meaning "What is to follow from settlements is too much for one transaction."
        remedy "Settle fewer jobs at once, or let a follow-up job bring the rest."
        parameters {
            what: Text "Follow-up jobs or notifications.",
            size: Integer "How many there are.",
            limit: Integer "How many at most.",
        }
        example Happens "A settlement is made that brings 10,001 follow-up jobs."
    }
    Repeated = "repeated", since "0.1.0", Store, AfterFix, Consumer {
        meaning "The same thing is in a batch twice."
        remedy "Pass it once."
        parameters {
            what: Text "What sort of thing.",
            id: Text "Which.",
        }
        example Happens "The same letter is in a batch of replays twice."
    }
    ReportWithoutLease = "report_without_lease", since "0.1.0", Store, AfterFix, Consumer {
        meaning "There is a progress report on a job whose lease is not in the batch."
        remedy "Pass both."
        parameters { job: Id "The job." }
        example Happens "A report on one job is passed with the lease of another."
    }
    IllegalDelivery = "illegal_delivery", since "0.1.0", Store, AfterFix, Consumer {
        meaning "A verdict on a notification in doubt says something else than sent or to be sent again."
        remedy "Pass one of the two."
        parameters { notification: Id "The notification." }
        example Happens "A notification in doubt is put into doubt."
    }
    LeaseDuration = "lease_duration", since "0.1.0", Store, AfterFix, Consumer {
        meaning "A lease is too short or too long to be one."
        remedy "Choose from 100 milliseconds to 24 hours."
        parameters { lease: Duration "What was given." }
        example Happens "A claim is made for a lease of no time."
    }
    OutOfRange = "out_of_range", since "0.1.0", Store, AfterFix, Consumer {
        meaning "A number of a request is too small or too large."
        remedy "Choose from the range that the error names."
        parameters {
            what: Text "Which number.",
            value: Integer "What was given.",
            min: Integer "The least.",
            max: Integer "The most.",
        }
        example Happens "A claim is made for no jobs."
    }
    StoreBusy = "STORE_BUSY" short "busy", since "0.1.0", Store, Same, Operator {
        meaning "Others hold the database; it was waited for within the bound."
        remedy "Nothing while it passes. Look for a transaction that is held open if it does not."
        parameters {
            operation: Text "What was tried.",
            waited: Duration "For how long.",
        }
        example Happens "Another process holds the write lock of the database for longer than the store waits."
    }
    StoreUnavailable = "STORE_UNAVAILABLE" short "unavailable", since "0.1.0", Store, Same, Operator {
        meaning "The database cannot be reached or cannot work now. If the connection broke during an operation, it is not known whether that was carried out."
        remedy "Look at the database, at its disk and at the way to it. Repeat an enqueue under a key, so that it creates one job in either case."
        parameters {
            operation: Text "What was tried.",
            detail: Text "What happened.",
        }
        example Happens "A store is opened on a port where no server listens."
    }
    StoreClosed = "STORE_CLOSED" short "closed", since "0.1.0", Store, AfterFix, Consumer {
        meaning "The store in this process has ended, closed or by a panic of its thread. The database itself may be well."
        remedy "Open the store again; look for a panic in the program's log if nobody closed it."
        parameters { operation: Text "What was not answered." }
        example Happens "A store is asked whose thread has ended."
    }
    StoreSchemaMismatch = "STORE_SCHEMA_MISMATCH" short "schema_mismatch", since "0.1.0", Store, AfterFix, Operator {
        meaning "The schema of the database is not there, or of another version than this build knows."
        remedy "Migrate the database, or update the program if it is the older of the two."
        parameters {
            found: Integer "The version found; 0 when there is no schema.",
            supported: Integer "The version that this build knows.",
        }
        example Happens "A database without a schema is opened and not migrated."
    }
    StoreCorrupt = "STORE_CORRUPT" short "corrupt", since "0.1.0", Store, AfterFix, Operator {
        meaning "What is stored cannot be right."
        remedy "Restore a backup, or ask for help before writing to the database."
        parameters { detail: Text "What was found." }
        example Happens "A database file is opened that was cut in half."
    }
    StoreRefused = "STORE_REFUSED" short "refused", since "0.1.0", Store, AfterFix, Operator {
        meaning "The database, its path or its URL is not one to work with."
        remedy "Do what the error says instead."
        parameters {
            what: Text "What was given.",
            problem: Text "What is wrong with it.",
            remedy: Text "What to do instead.",
        }
        example Happens "A directory is opened as a database."
    }
    StoreForeignLease = "STORE_FOREIGN_LEASE" short "foreign_lease", since "0.1.0", Store, AfterFix, Consumer {
        meaning "The lease on a job was given by another database."
        remedy "Settle the job with the store that claimed it."
        parameters { job: Id "The job." }
        example Happens "A job is settled with another store than the one that claimed it."
    }
    StoreForeignDelivery = "STORE_FOREIGN_DELIVERY" short "foreign_delivery", since "0.1.0", Store, AfterFix, Consumer {
        meaning "The lease on a notification was given by another database."
        remedy "Mark the notification with the store that leased it."
        parameters { notification: Id "The notification." }
        example Happens "A notification is marked with another store than the one that leased it."
    }
    StoreInvalid = "STORE_INVALID" short "invalid", since "0.1.0", Store, AfterFix, Consumer {
        meaning "A batch is one that no store takes."
        remedy "Mend the batch as the error says; its own code names what is wrong."
        example Happens "A handler passes on the error of a batch that cannot be made, as a store's."
    }
    StoreBackend = "STORE_BACKEND" short "backend", since "0.1.0", Store, AfterFix, Operator {
        meaning "The database said something that has no code of its own."
        remedy "Read the driver's words in the error."
        parameters { operation: Text "What was tried." }
        example Happens "A trigger of somebody else refuses a row that is to be stored."
    }

    Cancelled = "cancelled", since "0.1.0", Operator, Never, Operator {
        meaning "The job is cancelled."
        remedy "Nothing has to be done."
        example Happens "A queued job is cancelled."
    }
    Requested = "requested", since "0.1.0", Operator, Never, Operator {
        meaning "The job runs; its worker is told, and what the attempt comes to will be refused."
        remedy "Nothing has to be done: it is cancelled when the attempt ends."
        example Happens "A running job is cancelled."
    }
    TooLate = "too_late", since "0.1.0", Operator, Never, Operator {
        meaning "There is nothing left to cancel: the work of the job is done, dead or cancelled."
        remedy "Nothing can be done; close a dead letter instead of cancelling its job."
        parameters { state: Text "The state of the job." }
        example Happens "A job is cancelled that has succeeded."
    }
    NotFound = "not_found", since "0.1.0", Operator, AfterFix, Operator {
        meaning "There is no such job or dead letter."
        remedy "Look for its id; what has ended is removed when its retention is over."
        example Happens "A job is cancelled that nobody enqueued."
    }
    Requeued = "requeued", since "0.1.0", Operator, Never, Operator {
        meaning "The job of a dead letter is queued again."
        remedy "Nothing has to be done."
        example Happens "A dead letter with evidence is replayed."
    }
    EvidenceMissing = "evidence_missing", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A dead letter has no evidence that its cause is gone. Nothing was changed."
        remedy "Attach evidence, then replay it."
        example Happens "A dead letter without evidence is replayed."
    }
    Changed = "changed", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A dead letter has changed since it was looked at, or cannot be replayed from its state. Nothing was changed."
        remedy "Look at it again, and replay it at its version now if that is still right."
        parameters {
            state: Text "Its state now.",
            version: Integer "Its version now.",
        }
        example Happens "A dead letter is replayed at an older version."
    }
    Refused = "refused", since "0.1.0", Operator, Never, Operator {
        meaning "A dead letter cannot be changed in this way in its state. Nothing was changed."
        remedy "Look at its state: it was closed or is being replayed."
        parameters { state: Text "Its state." }
        example Happens "A dead letter is closed that was closed before."
    }
    NoIdempotencyKey = "no_idempotency_key", since "0.1.0", Operator, Never, Operator {
        meaning "A job that is to be replayed has no idempotency key: what it did before it died may be done twice."
        remedy "Look at what it did; replay it as unsafe if that may happen twice."
        example Happens "A dead letter is planned whose job was enqueued without a key."
    }
    NewerRevisionSucceeded = "newer_revision_succeeded", since "0.1.0", Operator, Never, Operator {
        meaning "A newer revision of the subject of a job that is to be replayed has succeeded since."
        remedy "Discard the dead letter, unless the older revision is wanted."
        example Happens "A dead letter is planned after a newer revision of its subject has succeeded."
    }
    KindUnknown = "kind_unknown", since "0.1.0", Operator, Never, Operator {
        meaning "No known service works on the kind of a job that is to be replayed: it would wait for ever."
        remedy "Start a service that knows the kind, or discard the dead letter."
        example Happens "A dead letter is planned of a kind that the planner was not told of."
    }
    PayloadInvalid = "payload_invalid", since "0.1.0", Operator, AfterFix, Operator {
        meaning "The payload of a job that is to be replayed does not keep the contract that its kind has today."
        remedy "Amend the payload, then plan the replay anew."
        example Happens "A dead letter is planned whose payload is refused by the contract."
    }
    DiedAgain = "died_again", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A job that was replayed has died again."
        remedy "Look at what it died of; attach new evidence before it is replayed once more."
        example Happens "A replayed job dies of the same again."
    }
    ReplaySucceeded = "replay_succeeded", since "0.1.0", Operator, Never, Operator {
        meaning "A job that was replayed has succeeded."
        remedy "Nothing has to be done: its dead letter is resolved."
        example Happens "A replayed job succeeds."
    }
    PlanUnreadable = "plan_unreadable", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A file is no replay plan. Nothing was changed."
        remedy "Give the file that the plan was written to."
        example Happens "A text is read as a plan that is none."
    }
    PlanNewer = "plan_newer", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A replay plan has a format that this program does not know yet. Nothing was changed."
        remedy "Apply it with the program that made it, or make it anew."
        example Happens "A plan of a later version is read."
    }
    PlanEdited = "plan_edited", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A replay plan is not as it was written. Nothing was changed."
        remedy "Make it anew, with a filter that chooses what is wanted."
        example Happens "A plan is read in which a version was changed."
    }
    PlanForeign = "plan_foreign", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A replay plan was made for another database. Nothing was changed."
        remedy "Give the URL of the database that it was made for."
        example Happens "A plan is checked against another database."
    }
    RunHeld = "run_held", since "0.1.0", Operator, Same, Operator {
        meaning "Another process applies this plan now. Nothing was changed."
        remedy "Let it go on; if it is dead, its lease ends by itself, and then the plan can be applied."
        example Happens "Two processes apply one plan."
    }
    RunStopped = "run_stopped", since "0.1.0", Operator, AfterFix, Operator {
        meaning "The plan was applied in part and stopped. Nothing was changed."
        remedy "Look at why; go on over the stop, or make a new plan."
        example Happens "A plan is applied whose run was stopped."
    }
    RunFinished = "run_finished", since "0.1.0", Operator, Never, Operator {
        meaning "The plan has been applied already. Nothing was changed."
        remedy "Make a new plan for what died again."
        example Happens "A plan is applied a second time."
    }
    AuditEdited = "audit_edited", since "0.1.0", Operator, Never, Operator {
        meaning "A record of the audit trail is not as it was written."
        remedy "Find out who can write where the record was kept, and compare it with an older export."
        example Happens "A reason in an export is changed, and the export verified."
    }
    AuditMissing = "audit_missing", since "0.1.0", Operator, Never, Operator {
        meaning "A record of the audit trail is gone, or another one was moved to its place."
        remedy "Find out who can write where the record was kept, and compare it with an older export."
        example Happens "A record is taken out of an export, and the export verified."
    }
    AuditDisordered = "audit_disordered", since "0.1.0", Operator, Never, Operator {
        meaning "A record of the audit trail stands behind one that comes after it."
        remedy "Find out who can write where the record was kept, and compare it with an older export."
        example Happens "A record of an export is there twice, and the export verified."
    }
    AuditUnlinked = "audit_unlinked", since "0.1.0", Operator, Never, Operator {
        meaning "A record of the audit trail does not continue the one before it."
        remedy "Find out who can write where the record was kept, and compare it with an older export."
        example Happens "A record of an export is replaced by another whole one, and the export verified."
    }
    AuditTruncated = "audit_truncated", since "0.1.0", Operator, Never, Operator {
        meaning "The audit trail ends before the record that a checkpoint is of."
        remedy "Find out who can write where the record was kept, and compare it with an older export."
        example Happens "The last record of an export is taken away, and the export verified by a checkpoint."
    }
    AuditRewritten = "audit_rewritten", since "0.1.0", Operator, Never, Operator {
        meaning "A record of the audit trail is another one than when its checkpoint was signed."
        remedy "Find out who can write where the record was kept, and compare it with an older export."
        example Happens "An export is written anew from a record on, and verified by a checkpoint."
    }
    AuditUnsigned = "audit_unsigned", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A checkpoint of the audit trail is not signed by the key that was given."
        remedy "Give the public key of whoever signed it; if that is the right one, the checkpoint is forged."
        example Happens "An export is verified by another key than the one that signed it."
    }
    AuditNoCheckpoint = "audit_no_checkpoint", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A key was given, and there is no checkpoint that could show anything by it."
        remedy "Give a checkpoint that was kept, or export anew with a key to sign with."
        example Happens "An export without a checkpoint is verified by a key."
    }
    AuditForeign = "audit_foreign", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A checkpoint is of another database than the audit trail."
        remedy "Give a checkpoint of the same database."
        example Happens "An export is verified by a checkpoint of another database."
    }
    AuditUnreadable = "audit_unreadable", since "0.1.0", Operator, AfterFix, Operator {
        meaning "A line of an export of the audit trail cannot be read."
        remedy "Export anew; if the file was whole once, find out who changed it."
        example Happens "A line of an export is cut, and the export verified."
    }
    CommitUnsynced = "commit_unsynced", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Commits are answered before they are on the disk: the last ones before a crash may be lost."
        remedy "Use `synchronous=full` on SQLite, `synchronous_commit=on` on Postgres, or accept that an accepted job can be lost."
        example Happens "A database is opened with `synchronous=normal`."
    }
    FsyncOff = "fsync_off", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The server does not wait for the disk: a crash of the machine can damage the whole database."
        remedy "Set `fsync = on` and restart the server; if the machine has crashed since it was off, restore a backup."
        example Happens "A server runs with `fsync=off`."
    }
    FullPageWritesOff = "full_page_writes_off", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Pages that were half written in a crash of the machine cannot be mended."
        remedy "Set `full_page_writes = on`, unless the file system writes pages whole."
        example Happens "A server runs with `full_page_writes=off`."
    }
    StandbyMissing = "standby_missing", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Fewer standbys are connected than commits wait for: commits hang."
        remedy "Bring the standbys back, or take them out of `synchronous_standby_names`."
        example Happens "`synchronous_standby_names` names a standby, and none is connected."
    }
    StandbyNotAwaited = "standby_not_awaited", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Standbys are named to wait for, and `synchronous_commit` does not wait until the commit is on their disks."
        remedy "Set `synchronous_commit = on` for the role, or accept what may be lost with the machine."
        example Happens "`synchronous_commit` is `local` while standbys are named."
    }
    DatabaseIsStandby = "database_is_standby", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The database is a standby, or takes no writes: what it shows may be old, and nothing may be decided by it."
        remedy "Connect to the primary; with several hosts, give the one that takes writes."
        example Happens "The doctor is asked of a standby."
    }
    WalLevelMinimal = "wal_level_minimal", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The server writes too little for a base backup, for point-in-time recovery or for a standby."
        remedy "Set `wal_level = replica` and restart the server."
        example Happens "A server runs with `wal_level=minimal`."
    }
    ChecksumsOff = "checksums_off", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The server does not notice when the disk gives back something else than was written."
        remedy "Turn checksums on with `pg_checksums --enable` while the server is stopped."
        example Happens "A cluster was made without data checksums."
    }
    AutovacuumOff = "autovacuum_off", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Nobody removes dead rows: the queue becomes slower with each job, and transaction ids run out."
        remedy "Set `autovacuum = on` and `track_counts = on`, and reset `autovacuum_enabled` of the tables that are named."
        example Happens "`autovacuum_enabled` is off for the table of jobs."
    }
    HorizonHeld = "horizon_held", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "An old transaction or replication slot keeps dead rows from being removed: claims become slower as long as it stays."
        remedy "End the session that is named, commit or roll back the prepared transaction, or drop the slot."
        example Happens "A session has had a transaction open for an hour."
    }
    WraparoundNear = "wraparound_near", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The database has used up most of its transaction ids; at the end it takes no more writes."
        remedy "Find what holds the horizon, and run `VACUUM` on the whole database."
        example Happens "The oldest transaction id of a database is 1.5 thousand millions old."
    }
    DeadRows = "dead_rows", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "A table has far more dead rows than live ones: vacuum does not keep up, and claims become slower."
        remedy "Look for what holds the horizon; let autovacuum run sooner on that table, and run `VACUUM` once."
        example Happens "The table of jobs has a million dead rows and a hundred live ones."
    }
    IdleTransactionsUnbounded = "idle_transactions_unbounded", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "A transaction that its client has forgotten stays open for ever, with its locks."
        remedy "Set `idle_in_transaction_session_timeout` for the database, to a minute perhaps."
        example Happens "A server has no `idle_in_transaction_session_timeout`."
    }
    PoolerPrepared = "pooler_prepared", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "A pooler that changes sessions per transaction is in between, and statements are to stay prepared."
        remedy "Pass `prepared=false`, or connect to the server itself."
        example Happens "The doctor is asked through a pooler in transaction mode, without `prepared=false`."
    }
    PreparedOff = "prepared_off", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "No pooler is in between, and statements are prepared anew each time: everything costs more than it must."
        remedy "Leave `prepared=false` out, unless the services go through a pooler where this process does not."
        example Happens "The doctor is asked without a pooler, with `prepared=false`."
    }
    NotListening = "not_listening", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Wake-ups of other processes cannot be heard: workers find jobs when they poll."
        remedy "Give a way around the pooler by `listen=`, or accept up to 5 s until a job is seen by idle workers."
        example Happens "A pooler is in between, and `listen=` is not given."
    }
    ClockApart = "clock_apart", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The clocks of this host and of the database differ. Only the database's counts; logs are hard to compare."
        remedy "Let NTP keep both clocks; on SQLite, a clock that was ahead leaves a mark, which time goes on from."
        example Happens "A database has seen a clock that was an hour ahead of the host's."
    }
    ConnectionsShort = "connections_short", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The server has fewer connections left than the pool may open."
        remedy "Raise `max_connections` or the role's limit, make the pool smaller, or use a pooler."
        example Happens "A role may open three connections more, and the pool has ten."
    }
    ConnectionUnencrypted = "connection_unencrypted", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The connection to another machine is not encrypted: payloads can be read on the way."
        remedy "Give `sslmode=verify-full`, and set up TLS on the server."
        example Happens "A server on another machine is reached without TLS."
    }
    RightsMissing = "rights_missing", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The role may not do with the tables what the queue has to do."
        remedy "Grant what is named to the role that services use."
        example Happens "A role may not insert into the table of jobs."
    }
    RolePowerful = "role_powerful", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The role can do more than a service needs: who has it can rewrite the audit trail as well."
        remedy "Give services a role that neither is a superuser nor owns the tables; sign checkpoints of the audit trail."
        example Happens "The role is a superuser."
    }
    FactsUnseen = "facts_unseen", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Something that would be judged could not be seen."
        remedy "Grant `pg_monitor` to the role, or read what the message says of the place."
        example Happens "The role is not a member of `pg_read_all_stats`."
    }
    DaysMissing = "days_missing", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The next days have no partition of the history: jobs that finish then go into the default one."
        remedy "Let the role that owns the tables open the store or keep house now and then."
        example Happens "Nobody has kept house for a week."
    }
    RowsAstray = "rows_astray", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Finished jobs are in no day's partition: retention deletes them row by row."
        remedy "Nothing must be done: they go as their time comes. Let somebody keep house each day."
        example Happens "A job finished on a day without a partition."
    }
    JournalNotWal = "journal_not_wal", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The file is not in WAL mode: readers and writers wait for each other until a store opens it, which changes that."
        remedy "Open it with a store once; let no other program change its journal mode."
        example Happens "A file is in journal mode `delete`."
    }
    NetworkFileSystem = "network_file_system", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The file lies on a network file system, where SQLite's locks do not hold: two processes can damage it."
        remedy "Put it on a local disk, or use Postgres."
        example Happens "A file lies on NFS."
    }
    VolatileFileSystem = "volatile_file_system", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The file lies in memory: a restart of the machine takes everything with it."
        remedy "Put it on a disk."
        example Happens "A file lies on a tmpfs."
    }
    DiskNearlyFull = "disk_nearly_full", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "The disk is nearly full. Where it is full nothing can be enqueued or finished."
        remedy "Make room, or move the file."
        example Happens "A disk has a few megabytes left."
    }
    FileExposed = "file_exposed", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Other users of the machine may read or write the file, with all payloads."
        remedy "Run `chmod 600` on the file, and `chmod 700` on its directory."
        example Happens "A file is writable for everybody."
    }
    FileUnwritable = "file_unwritable", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "This process may not write to the file or beside it, where SQLite keeps its log."
        remedy "Make the file and its directory writable for the user of the services, and run this as that user."
        example Happens "A file lies in a directory that is not writable."
    }
    WalLarge = "wal_large", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Much of the write-ahead log is not in the file yet: somebody reads in one long transaction, and reads become slower."
        remedy "Find the process that reads for so long; it is not the queue."
        example Happens "A reader has kept a hundred thousand pages in the log."
    }
    PagesFree = "pages_free", since "0.1.0", Doctor, AfterFix, Operator {
        meaning "Most of the file is free space. It is used again, and given back only by `VACUUM`."
        remedy "Nothing must be done; to give it back, stop the services and run `VACUUM`."
        example Happens "Most jobs of a large file were deleted."
    }
}
