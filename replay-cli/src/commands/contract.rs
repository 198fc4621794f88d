//! `leasehold contract`: documents by their contracts, and what contracts say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use queue_core::Code;
use queue_core::contract::{
    self, Builder, ContractFile, InvalidContract, ReadContext, Shape, Test, Verdict,
};
use queue_ops::Exit;
use serde_json::Value;

use crate::answer::{Answer, Failure};
use crate::arguments::Layout;
use crate::{input, output};

#[derive(Debug, Subcommand)]
pub(crate) enum Contract {
    /// Read a document by a contract, and write the verdict as JSON
    ///
    /// The verdict has the value, put right where the contract allows it, or none; and a diagnostic
    /// for each act and each problem. No more than the contract's limit of bytes is read.
    #[command(after_help = "\
Examples:
  leasehold contract check --contract review.json answer.json
  curl … | leasehold contract check --contract review.json --context change.json
  leasehold contract check --contract review.json answer.json | jq .value

The context is what rules compare with: a JSON object, such as {\"changed_files\":
[\"src/a.rs\"]}. A member `correlation_id` is carried by every diagnostic.")]
    Check(Check),
    /// Write the JSON Schema (draft 2020-12) of documents in which nothing has to be put right
    #[command(after_help = "\
Example:
  leasehold contract schema --contract review.json > review.schema.json")]
    Schema(File),
    /// Write a page for people, in Markdown
    #[command(after_help = "\
Example:
  leasehold contract docs --contract review.json > review.md")]
    Docs(File),
    /// Write the part of a model's prompt that says which fields are wanted
    #[command(after_help = "\
Example:
  leasehold contract prompt --contract review.json")]
    Prompt(File),
}

/// The contract that is meant.
#[derive(Debug, Args)]
pub(crate) struct File {
    /// The file of the contract
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) file: File,
    /// The file of what rules compare with: a JSON object
    #[arg(long, value_name = "FILE")]
    pub(crate) context: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) layout: Layout,
    /// The file of the document; standard input if there is none, or if it is `-`
    pub(crate) payload: Option<PathBuf>,
}

pub(crate) fn run(command: Contract) -> Result<Answer, Failure> {
    match command {
        Contract::Check(options) => check(&options),
        Contract::Schema(file) => Ok(Answer::done(described(&file)?.json_schema_text())),
        Contract::Docs(file) => Ok(Answer::done(described(&file)?.page())),
        Contract::Prompt(file) => Ok(Answer::done(described(&file)?.prompt_fields())),
    }
}

fn check(options: &Check) -> Result<Answer, Failure> {
    let contract = read(&options.file.contract)?;
    let context = match &options.context {
        Some(path) => context(path)?,
        None => ReadContext::new(),
    };
    let limit = contract.file().limits.bytes;
    let document = input::document(options.payload.as_ref(), limit)?;
    let verdict = contract.read(document, &context);
    advise(&verdict, options.context.as_deref());
    let exit = if verdict.is_accepted() {
        Exit::Done
    } else {
        Exit::Rejected
    };
    Ok(Answer::with(exit, output::json(&verdict, options.layout)?))
}

/// The contract in a file.
pub(crate) fn read(path: &Path) -> Result<contract::Contract, Failure> {
    let built = Builder::of(file(path)?).build();
    built.map_err(|error| invalid(path, error))
}

/// Says what is wrong with the command line where the document is not at fault.
fn advise(verdict: &Verdict, context: Option<&Path>) {
    let missing = verdict
        .diagnostics()
        .iter()
        .filter(|diagnostic| diagnostic.code == Code::ContextMissing);
    for diagnostic in missing {
        let said = &diagnostic.detail;
        match context {
            Some(path) => {
                let path = path.display();
                output::say(&format!("note: {said}; write it in {path}"));
            }
            None => output::say(&format!("note: {said}; give it by --context FILE")),
        }
    }
}

fn context(path: &Path) -> Result<ReadContext, Failure> {
    let name = path.display();
    let wrong = |why: &str| {
        let message = format!(
            "{name} is no context: {why}; write a JSON object, such as {{\"changed_files\": [\"src/a.rs\"]}}"
        );
        Failure::new(Exit::Data, message)
    };
    match serde_json::from_str(&input::text(path)?) {
        Ok(Value::Object(object)) => Ok(ReadContext::from_object(object)),
        Ok(other) => Err(wrong(match other {
            Value::Array(_) => "it is a list",
            _ => "it is a scalar",
        })),
        Err(error) => Err(wrong(&error.to_string())),
    }
}

/// A contract of which only is told: the checks that belong to it need not be here.
fn described(options: &File) -> Result<contract::Contract, Failure> {
    let path = &options.contract;
    let file = file(path)?;
    let mut names = BTreeSet::new();
    checks(&file.root, &mut names);
    let builder = names.into_iter().fold(Builder::of(file), |builder, name| {
        builder.check(name, |_, _| Ok(()))
    });
    builder.build().map_err(|error| invalid(path, error))
}

/// The checks of a program that a shape wants.
fn checks(shape: &Shape, names: &mut BTreeSet<String>) {
    match shape {
        Shape::List(list) => checks(&list.item, names),
        Shape::Object(object) => {
            for field in &object.fields {
                checks(&field.shape, names);
            }
            for rule in &object.rules {
                if let Test::Check(name) = &rule.test {
                    names.insert(name.clone());
                }
            }
        }
        _ => {}
    }
}

fn file(path: &Path) -> Result<ContractFile, Failure> {
    ContractFile::from_json(&input::text(path)?).map_err(|error| invalid(path, error))
}

fn invalid(path: &Path, error: InvalidContract) -> Failure {
    let name = path.display();
    let message = match error {
        InvalidContract::File(error) => {
            let (line, column) = (error.line(), error.column());
            let said = error.to_string();
            // Where it is stands before it already.
            let said = said.trim_end_matches(&format!(" at line {line} column {column}"));
            format!("{name}:{line}:{column}: not a contract: {said}")
        }
        InvalidContract::Part { line, path, why } => {
            format!("{name}:{line}: not a contract: {path}: {why}")
        }
        InvalidContract::Contradicts(wrong) => {
            format!(
                "{name}: the contract cannot be kept:\n  {}",
                wrong.join("\n  ")
            )
        }
        other => format!("{name}: {other}"),
    };
    Failure::new(Exit::Data, message)
}
