from .repository import write_repository as write_repository
from .transfer import pull_model as pull_model
from .transfer import push_model as push_model
