//! The table of codes: the one source of every code that the library gives.
//!
//! A released code keeps its name, its stage, its parameters and its reasons; what is not given any
//! more is retired, not removed.

use super::{Entry, Example, Parameter, ParameterKind, Reason, Responsible, Retry, Stage, Status};

table! {
    InvalidJson = "invalid_json", since "0.1.0", Contract, AfterFix, Producer {
        meaning "The input cannot be read as the one JSON document that it should be."
        remedy "Write one JSON document in UTF-8, without anything before or after it."
        parameters {
            path: Path "The value in which the reading stopped, if one had begun.",
            line: Integer "The line of the input, from 1.",
            column: Integer "The column of the line, from 1.",
            detail: Text "What was found there.",
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
        example Reads r#"{"title": "unfinished""#
    }
    LimitExceeded = "limit_exceeded", since "0.1.0", Contract, AfterFix, Producer {
        meaning "The document is larger than its contract lets one be read."
        remedy "Write a smaller document, or raise the limit in the contract."
        parameters {
            path: Path "The value with which the limit was passed.",
            limit: Integer "The limit.",
            actual: Integer "What was found, as far as was counted.",
        }
        reasons {
            too_many_bytes "It has more bytes.",
            too_deep "Its arrays and objects are nested deeper.",
            too_many_items "Its arrays and objects have more items.",
        }
        example Reads "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
    }
    SchemaMismatch = "schema_mismatch", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A value of the document is not as its contract wants it."
        remedy "Write the value as the contract describes the field."
        parameters {
            path: Path "The value.",
            expected: Text "What the contract wants.",
            actual: Text "What was found, shortened.",
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
        example Reads r#"{"title": 17}"#
    }
    MissingRequiredField = "missing_required_field", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A field without which the document says nothing is not there."
        remedy "Write the field, with a value that says something."
        parameters {
            path: Path "The field.",
            required_by: Text "The field or rule that requires it, where it is not always required.",
        }
        reasons {
            absent "There is no such field.",
            null "The field is null.",
            blank "The field has an empty text, or nothing but white space.",
            required_with "Another field is there that requires this one.",
        }
        example Reads "{}"
    }
    InvalidEnumValue = "invalid_enum_value", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A value is none of those that its field may have."
        remedy "Write one of the values that the contract lists, in the same letters."
        parameters {
            path: Path "The value.",
            allowed: Text "The values that are allowed.",
            actual: Text "What was found, shortened.",
        }
        reasons {
            unknown_value "No value is like it.",
            wrong_case "A value differs from it in upper and lower case only.",
        }
        example Reads r#"{"title": "A leak", "severity": "terrible"}"#
    }
    InvalidLineRange = "invalid_line_range", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A range of lines cannot be one of the file."
        remedy "Write the first and the last line, counted from 1, as they are in the file."
        parameters {
            path: Path "The range, or the end of it that is wrong.",
            start: Integer "The first line that was given.",
            end: Integer "The last line that was given.",
            lines: Integer "How many lines the file has, where that is known.",
        }
        reasons {
            out_of_range "A line is below 1 or past the end of the file.",
            end_before_start "The last line comes before the first.",
        }
        example Reads r#"{"title": "A leak", "lines": {"start": 9, "end": 3}}"#
    }
    IncompatibleVersion = "incompatible_version", since "0.1.0", Contract, AfterFix, Producer {
        meaning "The document is of a version of its contract that this reader does not read."
        remedy "Write the version that the reader names, or update the older of the two."
        parameters {
            path: Path "The field with the version.",
            found: Version "The version of the document, as it was written.",
            supported: Version "The version of the contract that the reader has.",
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
            path: Path "The value that could not be compared.",
            context: Text "The name of what was not given.",
        }
        reasons {
            absent "It was not given.",
            wrong_type "It was given, as something that cannot be compared with.",
        }
        example Reads r#"{"title": "A leak", "owner": "ada"}"#
    }
    NotInContext = "not_in_context", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A value is not one that the reader's context knows."
        remedy "Write a value that exists where the document is read."
        parameters {
            path: Path "The value.",
            context: Text "What it was looked for in.",
            actual: Text "What was found, shortened.",
        }
        reasons {
            not_listed "The list in the context does not have it.",
            refused "A check of the program said no.",
        }
        example Reads r#"{"title": "A leak", "owner": "nobody"}"#
    }
    FileNotInChangedFiles = "file_not_in_changed_files", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A file is named that is not one of the change."
        remedy "Name a file of the change, by the path that the change gives it."
        parameters {
            path: Path "The value.",
            context: Text "What it was looked for in.",
            actual: Text "What was found, shortened.",
        }
        reasons {
            not_listed "The change does not have it.",
        }
        example Reads r#"{"title": "A leak", "file": "src/not_changed.rs"}"#
    }
    CoercionApplied = "coercion_applied", since "0.1.0", Contract, Never, Producer {
        meaning "A value was not quite as the contract wants it, and was read as what it clearly means."
        remedy "Nothing has to be done; write the value in the wanted form, and the notice is gone."
        parameters {
            path: Path "The value.",
            from: Text "What was written, shortened.",
            to: Text "As what it was read, shortened.",
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
        example Reads r#"{"title": "  A leak "}"#
    }
    ItemDropped = "item_dropped", since "0.1.0", Contract, AfterFix, Producer {
        meaning "An item of a list is not valid and was left out; the rest was read. The reason is the code of its first problem."
        remedy "Mend the item; its problems are reported with it."
        parameters {
            path: Path "The item.",
            index: Integer "Its place in the list, from 0.",
            problems: Integer "How many problems it has.",
        }
        reason of "its first problem"
        example Reads r#"{"title": "A list", "items": [{"name": "good"}, {"name": 17}]}"#
    }
    FindingDropped = "finding_dropped", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A finding of a review is not valid and was left out; the rest was read. The reason is the code of its first problem."
        remedy "Mend the finding; its problems are reported with it."
        parameters {
            path: Path "The finding.",
            index: Integer "Its place in the list, from 0.",
            problems: Integer "How many problems it has.",
        }
        reason of "its first problem"
        example Reads r#"{"title": "A review", "findings": [{"title": "good"}, {"title": 17}]}"#
    }
    AllItemsDropped = "all_items_dropped", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A list had items and none of them is valid."
        remedy "Mend the items; the problems of each are reported with it."
        parameters {
            path: Path "The list.",
            dropped: Integer "How many items it had.",
        }
        reasons {
            nothing_left "No item is left.",
        }
        example Reads r#"{"title": "A list", "items": [{"name": 17}]}"#
    }
    AllFindingsDropped = "all_findings_dropped", since "0.1.0", Contract, AfterFix, Producer {
        meaning "A review had findings and none of them is valid."
        remedy "Mend the findings; the problems of each are reported with it."
        parameters {
            path: Path "The list.",
            dropped: Integer "How many findings it had.",
        }
        reasons {
            nothing_left "No finding is left.",
        }
        example Reads r#"{"title": "A review", "findings": [{"title": 17}]}"#
    }
    DocumentRejected = "document_rejected", since "0.1.0", Contract, AfterFix, Producer {
        meaning "The document cannot be used as a whole. The reason is the code of its first problem."
        remedy "Mend the document; its problems are reported with it."
        parameters {
            problems: Integer "How many problems it has.",
        }
        reason of "its first problem"
        example Reads "{}"
    }
    ResponseRejected = "response_rejected", since "0.1.0", Contract, AfterFix, Provider {
        meaning "The response of a provider cannot be used as a whole. The reason is the code of its first problem."
        remedy "Ask again, with the problems that are reported with it; the same response stays rejected."
        parameters {
            problems: Integer "How many problems it has.",
        }
        reason of "its first problem"
        example Reads "I have found no problems."
    }

    HandlerPanic = "HANDLER_PANIC", since "0.1.0", Worker, AfterFix, Consumer {
        meaning "The handler panicked. The job is a dead letter at once."
        remedy "Mend the handler: the text of the panic is in the dead letter. Then attach evidence and replay the job."
        example Happens "A handler panics."
    }
    LeaseExpired = "LEASE_EXPIRED", since "0.1.0", Worker, Same, Operator {
        meaning "The lease ran out before the work was settled: the process hung, died or lost its database."
        remedy "Look for what became of the worker's process if this is frequent; one case of it is retried."
        example Happens "A job is claimed, its worker dies, and a sweep finds the lease after its end."
    }
    NetworkTimeout = "NETWORK_TIMEOUT", since "0.1.0", Worker, Same, Provider {
        meaning "The other side did not answer in time."
        remedy "Nothing while it passes; it is retried. Look at the other side if it does not."
        example Happens "A handler gives back an I/O error of the kind `TimedOut`."
    }
}
