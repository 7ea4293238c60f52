//! What is said between who assigns a task and the worker: one line asks, one line answers.
//!
//! ```text
//! assign <term> <by> <task>     done
//!                               refused <highest>
//!                               failed <why…>
//! ```
//!
//! The answer to an assignment that was accepted comes when the task is done.

use std::io;
use std::time::Duration;

use history::{NodeName, Term};
use host::net::{ReadHalf, TcpStream, WriteHalf, lookup};
use tokio::io::{AsyncWriteExt, BufReader};

use crate::resource::read_line;

/// What is asked of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The term of who assigns.
    pub term: Term,
    /// Who assigns. Without spaces.
    pub by: NodeName,
    /// The number of the task.
    pub task: u64,
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The task is done.
    Done,
    /// The assignment came under a term that is too old.
    Refused {
        /// The highest term of which this worker has accepted an assignment.
        highest: Term,
    },
    /// The worker cannot take it on, for no fault of who assigned it.
    Failed {
        /// Why.
        why: String,
    },
}

impl Assignment {
    pub(super) fn to_line(&self) -> String {
        assert!(!self.by.as_str().contains([' ', '\n']), "`{}` is one word", self.by);
        format!("assign {} {} {}\n", self.term.0, self.by, self.task)
    }

    pub(super) fn from_line(line: &str) -> Option<Assignment> {
        let mut words = line.strip_prefix("assign ")?.split(' ');
        let term = Term(words.next()?.parse().ok()?);
        let by = NodeName::new(words.next().filter(|by| !by.is_empty())?);
        let task = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Assignment { term, by, task })
    }
}

impl Answer {
    pub(super) fn to_line(&self) -> String {
        match self {
            Answer::Done => "done\n".to_owned(),
            Answer::Refused { highest } => format!("refused {}\n", highest.0),
            Answer::Failed { why } => format!("failed {}\n", why.replace('\n', " ")),
        }
    }

    pub(super) fn from_line(line: &str) -> Option<Answer> {
        match line.split_once(' ') {
            None if line == "done" => Some(Answer::Done),
            Some(("refused", highest)) => Some(Answer::Refused { highest: Term(highest.parse().ok()?) }),
            Some(("failed", why)) => Some(Answer::Failed { why: why.to_owned() }),
            _ => None,
        }
    }
}

/// A conversation with a worker. It is gone on with as long as each line was answered.
pub(super) struct Conversation {
    reader: BufReader<ReadHalf>,
    writer: WriteHalf,
}

impl Conversation {
    async fn begin(address: &str) -> io::Result<Conversation> {
        let target = lookup(address).await?.into_iter().next().ok_or(io::ErrorKind::NotFound)?;
        let (reader, writer) = TcpStream::connect(target).await?.into_split();
        Ok(Conversation { reader: BufReader::new(reader), writer })
    }

    async fn assign(&mut self, assignment: &Assignment) -> io::Result<Answer> {
        self.writer.write_all(assignment.to_line().as_bytes()).await?;
        let line = read_line(&mut self.reader).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        Answer::from_line(&line).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

/// Assigns a task to the worker at `host:port` and waits for its answer: this long, connecting included.
///
/// # Errors
/// If there was no answer in time, or none at all. The worker may have done the task, or may yet.
pub async fn assign(address: &str, assignment: &Assignment, patience: Duration) -> io::Result<Answer> {
    assign_in(None, address, assignment, patience).await.map(|(_, answer)| answer)
}

/// The same, going on with a conversation if there is one, and giving it back to be gone on with.
pub(super) async fn assign_in(
    conversation: Option<Conversation>,
    address: &str,
    assignment: &Assignment,
    patience: Duration,
) -> io::Result<(Conversation, Answer)> {
    let talk = async {
        let mut conversation = match conversation {
            Some(conversation) => conversation,
            None => Conversation::begin(address).await?,
        };
        let answer = conversation.assign(assignment).await?;
        Ok((conversation, answer))
    };
    host::timeout(patience, talk).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_and_answers_come_back_as_they_went() {
        let assignment = Assignment { term: Term(-3), by: NodeName::new("c1"), task: 17 };
        assert_eq!(Assignment::from_line(assignment.to_line().trim_end_matches('\n')), Some(assignment));
        let why = "the disk is full".to_owned();
        for answer in [Answer::Done, Answer::Refused { highest: Term(12) }, Answer::Failed { why }] {
            assert_eq!(Answer::from_line(answer.to_line().trim_end_matches('\n')), Some(answer));
        }
    }

    #[test]
    fn what_is_not_of_the_protocol_is_not_understood() {
        for line in ["", "assign", "assign x c1 1", "assign 1 c1", "assign 1 c1 x", "assign 1  2", "assign 1 c1 2 3"] {
            assert_eq!(Assignment::from_line(line), None, "{line}");
        }
        for line in ["", "done 1", "refused", "refused x", "failed"] {
            assert_eq!(Answer::from_line(line), None, "{line}");
        }
    }
}
