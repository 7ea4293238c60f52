//! Preparing a create, in any of its forms (`PrepRequestProcessor.pRequest2TxnCreate`).

use std::sync::Arc;

use bytes::Bytes;
use proto::{Acl, CreateMode, CreateRequest, CreateTtlRequest, ErrorCode, MultiOperation, Permissions, path};

use super::outstanding::View;
use super::{Desk, own, validate};
use crate::owner::Owner;
use crate::transaction::{Change, Create};

/// What is to be created, whichever operation asked for it.
pub(super) struct Order<'a> {
    path: &'a str,
    data: Option<&'a Bytes>,
    acls: &'a [Acl],
    mode: Option<CreateMode>,
    form: Form,
}

/// The operation decides about containers and TTLs, the flags about the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Container,
    Mortal { ttl_milliseconds: i64 },
}

impl<'a> Order<'a> {
    /// create and create2.
    pub(super) fn plain(request: &'a CreateRequest) -> Order<'a> {
        Order::new(request, Form::Plain)
    }

    /// createContainer.
    pub(super) fn container(request: &'a CreateRequest) -> Order<'a> {
        Order::new(request, Form::Container)
    }

    /// createTTL.
    pub(super) fn mortal(request: &'a CreateTtlRequest) -> Order<'a> {
        Order {
            path: &request.path,
            data: request.data.as_ref(),
            acls: &request.acls,
            mode: request.mode(),
            form: Form::Mortal { ttl_milliseconds: request.ttl_milliseconds },
        }
    }

    /// A create inside a multi: there the flags alone decide what is made, whichever operation asks (`Op.create`).
    ///
    /// Nothing if they ask for a TTL znode and the operation brings no time to live: ZooKeeper fails to read that.
    pub(super) fn in_multi(operation: &'a MultiOperation) -> Option<Order<'a>> {
        let (request, mortal) = match operation {
            MultiOperation::Create(request)
            | MultiOperation::Create2(request)
            | MultiOperation::CreateContainer(request) => (Order::plain(request), None),
            MultiOperation::CreateTtl(request) => {
                let order = Order::mortal(request);
                let form = order.form;
                (order, Some(form))
            }
            MultiOperation::Delete(_) | MultiOperation::SetData(_) | MultiOperation::Check(_) => return None,
        };
        let form = match request.mode {
            Some(mode) if mode.is_container() => Form::Container,
            Some(mode) if mode.has_ttl() => mortal?,
            _ => Form::Plain,
        };
        Some(Order { form, ..request })
    }

    fn new(request: &'a CreateRequest, form: Form) -> Order<'a> {
        let CreateRequest { path, data, acls, .. } = request;
        Order { path, data: data.as_ref(), acls, mode: request.mode(), form }
    }
}

impl Desk<'_> {
    pub(super) fn create(&mut self, order: Order<'_>) -> Result<Change, ErrorCode> {
        let mode = order.mode.ok_or(ErrorCode::BadArguments)?;
        self.check_lifetime(mode, order.form)?;
        self.sessions.check(self.asker.session)?;
        let parent_path = self.parent_of(order.path)?;
        let acls = self.resolve(order.acls)?;
        let mut parent = self.view(parent_path)?;
        self.options.access.check(&parent.acls, Permissions::CREATE, self.asker.identities)?;
        let path: Arc<str> =
            if mode.is_sequential() { path::sequential(order.path, parent.cversion).into() } else { order.path.into() };
        validate(&path)?;
        if self.outstanding.exists(&self.database.tree, &path) {
            return Err(ErrorCode::NodeExists);
        }
        if parent.owner.session().is_some() {
            return Err(ErrorCode::NoChildrenForEphemerals);
        }
        let data_length = order.data.map_or(0, |data| data.len() as i64);
        self.check_quota(&path, 1, data_length)?;

        let owner = self.owner(mode, order.form);
        parent.cversion = parent.cversion.wrapping_add(1);
        parent.child_count += 1;
        let parent_cversion = parent.cversion;
        let parent_path = crate::tree::canonical(parent_path);
        self.outstanding.put(self.zxid, Arc::from(parent_path), Some(parent));
        let view =
            View { acls: acls.clone(), owner, version: 0, cversion: 0, aversion: 0, child_count: 0, data_length };
        self.outstanding.put(self.zxid, path.clone(), Some(view));
        let sequential = mode.is_sequential();
        Ok(Change::Create(Create { path, data: order.data.map(own), acls, owner, parent_cversion, sequential }))
    }

    /// `PrepRequestProcessor.validateCreateRequest`, `EphemeralType.validateTTL`.
    fn check_lifetime(&self, mode: CreateMode, form: Form) -> Result<(), ErrorCode> {
        if mode.has_ttl() && !self.options.extended_types {
            return Err(ErrorCode::Unimplemented);
        }
        let is_fitting = match form {
            Form::Mortal { ttl_milliseconds } if mode.has_ttl() => {
                (1..=CreateMode::TTL_MILLISECONDS_MAX).contains(&ttl_milliseconds)
            }
            Form::Mortal { ttl_milliseconds } => ttl_milliseconds < 0,
            Form::Plain | Form::Container => !mode.has_ttl(),
        };
        if is_fitting { Ok(()) } else { Err(ErrorCode::BadArguments) }
    }

    fn owner(&self, mode: CreateMode, form: Form) -> Owner {
        match form {
            Form::Container => Owner::Children,
            Form::Mortal { ttl_milliseconds } if mode.has_ttl() => Owner::Time(ttl_milliseconds),
            _ if mode.is_ephemeral() => Owner::Session(self.asker.session),
            _ => Owner::Nobody,
        }
    }
}
