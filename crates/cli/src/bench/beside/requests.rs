//! The requests of the load, as bytes that are made once and numbered anew for each.
//!
//! The generator shares the machine with the servers that it measures, so a request costs it two numbers written over
//! others. Not here: anything but create, set, get and delete of small znodes.

use bytes::{Bytes, BytesMut};
use proto::request::write_request;
use proto::{
    Acl, CreateMode, CreateRequest, Decode, DeleteRequest, GetDataRequest, Reader, ReplyHeader, Request, SetDataRequest,
};

/// How many bytes of data a znode of the load has.
pub(super) const DATA: usize = 100;
/// The znode above all of the load.
pub(super) const ROOT: &str = "/bench";
/// Where the number of the request stands in a frame: behind the length.
const XID: usize = 4;
/// How many digits end the name of a znode that is created.
const DIGITS: usize = 10;

/// What the load asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// Persistent znodes, a new one each time.
    Create,
    /// The data of one znode for each client, whatever its version.
    Set,
    /// The data of one znode for each client.
    Get,
}

impl Operation {
    /// All of them, in the order of the table.
    pub(super) const ALL: [Operation; 3] = [Operation::Create, Operation::Set, Operation::Get];

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Set => "set",
            Operation::Get => "get",
        }
    }
}

/// The znode of a client, there before the load begins.
pub(super) fn own_znode(client: usize) -> String {
    format!("{ROOT}/c{client:02}")
}

/// A request to create a znode with the load's data.
pub(super) fn creation(path: String) -> Request {
    let data = Some(Bytes::from_static(&[7; DATA]));
    Request::Create(CreateRequest { path, data, acls: vec![Acl::open()], flags: CreateMode::Persistent.to_i32() })
}

/// A request, made once.
#[derive(Clone, Debug)]
pub(super) struct Template {
    frame: Vec<u8>,
    /// Where the digits of the znode's name stand, if each request has a name of its own.
    digits: Option<usize>,
}

impl Template {
    /// What a client asks for again and again.
    pub(super) fn load(operation: Operation, client: usize) -> Template {
        match operation {
            Operation::Create => Template::numbered(client, creation),
            Operation::Set => {
                let data = Some(Bytes::from_static(&[8; DATA]));
                Template::of(&Request::SetData(SetDataRequest { path: own_znode(client), data, version: -1 }), None)
            }
            Operation::Get => {
                Template::of(&Request::GetData(GetDataRequest { path: own_znode(client), watch: false }), None)
            }
        }
    }

    /// What takes away again what the creations of a client have made.
    pub(super) fn removal(client: usize) -> Template {
        Template::numbered(client, |path| Request::Delete(DeleteRequest { path, version: -1 }))
    }

    fn numbered(client: usize, request: impl FnOnce(String) -> Request) -> Template {
        let prefix = format!("{}-", own_znode(client));
        Template::of(&request(format!("{prefix}{:0DIGITS$}", 0)), Some(&prefix))
    }

    fn of(request: &Request, prefix: Option<&str>) -> Template {
        let mut frame = BytesMut::new();
        write_request(&mut frame, 0, request);
        let digits = prefix.map(|prefix| {
            let at = frame.windows(prefix.len()).position(|window| window == prefix.as_bytes());
            at.expect("the path is in the request") + prefix.len()
        });
        Template { frame: frame.to_vec(), digits }
    }

    /// Appends the request with this number.
    pub(super) fn write(&self, number: i32, buffer: &mut Vec<u8>) {
        let start = buffer.len();
        buffer.extend_from_slice(&self.frame);
        buffer[start + XID..start + XID + 4].copy_from_slice(&number.to_be_bytes());
        if let Some(at) = self.digits {
            let mut rest = number.unsigned_abs();
            for digit in buffer[start + at..start + at + DIGITS].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
    }
}

/// Whether a frame is the answer to the request with this number, and a good one.
pub(super) fn check(number: i32, frame: &Bytes) -> Result<(), String> {
    let header = ReplyHeader::decode(&mut Reader::new(frame)).map_err(|error| format!("no answer: {error}"))?;
    if header.xid != number {
        return Err(format!("request {number} was next, and {} was answered", header.xid));
    }
    match header.error {
        Some(error) => Err(format!("request {number} was refused: {error:?}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proto::response::write_reply;
    use proto::{ErrorCode, FrameDecoder, RequestHeader, Response, Zxid};

    use super::*;

    fn read(bytes: &[u8]) -> Vec<(i32, Request)> {
        let mut decoder = FrameDecoder::default();
        decoder.push(bytes);
        let mut requests = Vec::new();
        while let Some(frame) = decoder.next_frame().expect("frames") {
            let mut reader = Reader::new(&frame);
            let header = RequestHeader::decode(&mut reader).expect("a header");
            requests.push((header.xid, Request::decode(&header, &mut reader).expect("a request")));
        }
        requests
    }

    #[test]
    fn each_request_has_its_number_and_each_created_znode_its_name() {
        let mut bytes = Vec::new();
        let template = Template::load(Operation::Create, 3);
        template.write(1, &mut bytes);
        template.write(1_234_567_890, &mut bytes);
        let created: Vec<(i32, Request)> = [(1, "/bench/c03-0000000001"), (1_234_567_890, "/bench/c03-1234567890")]
            .map(|(number, path)| (number, creation(path.to_owned())))
            .into();
        assert_eq!(read(&bytes), created);
    }

    #[test]
    fn what_is_created_is_what_is_removed() {
        let (mut created, mut removed) = (Vec::new(), Vec::new());
        Template::load(Operation::Create, 63).write(42, &mut created);
        Template::removal(63).write(42, &mut removed);
        let path = |bytes: &[u8]| read(bytes)[0].1.path().map(str::to_owned);
        assert_eq!(path(&created), path(&removed));
        assert_eq!(path(&created).as_deref(), Some("/bench/c63-0000000042"));
    }

    #[test]
    fn sets_and_gets_are_of_the_own_znode() {
        for operation in [Operation::Set, Operation::Get] {
            let mut bytes = Vec::new();
            Template::load(operation, 7).write(5, &mut bytes);
            let requests = read(&bytes);
            assert_eq!((requests[0].0, requests[0].1.path()), (5, Some("/bench/c07")));
        }
    }

    #[test]
    fn only_the_good_answer_to_the_next_request_will_do() {
        let answer = |xid, error: Option<ErrorCode>| {
            let mut bytes = BytesMut::new();
            let body = error.is_none().then_some(&Response::Empty);
            write_reply(&mut bytes, &ReplyHeader { xid, zxid: Zxid(9), error }, body);
            bytes.split_off(4).freeze()
        };
        assert_eq!(check(1, &answer(1, None)), Ok(()));
        assert!(check(1, &answer(2, None)).is_err_and(|why| why.contains("2 was answered")));
        assert!(check(1, &answer(1, Some(ErrorCode::NoNode))).is_err_and(|why| why.contains("NoNode")));
        assert!(check(1, &Bytes::from_static(&[0; 3])).is_err());
    }
}
