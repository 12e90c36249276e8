from .writing import check_web_folder as check_web_folder
from .writing import export_web as export_web
