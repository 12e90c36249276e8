from .app import OPEN_PATHS as OPEN_PATHS
from .app import make_service as make_service
from .limits import ServiceLimits as ServiceLimits
from .models import ServedModels as ServedModels
