"""How `celery -A celery_app flower` serves unless told otherwise: this machine only, read-only, login of `.env` too.

Read by Flower from the folder it is started in. It wins over Flower's environment variables, so it asks them first.
"""

import os

from dotenv import dotenv_values

address = os.environ.get("FLOWER_ADDRESS", "127.0.0.1")
read_only = True
max_tasks = 20000
tasks_columns = "name,args,state,received,runtime,worker"  # args name the film

_login = os.environ.get("FLOWER_BASIC_AUTH") or dotenv_values(".env").get("FLOWER_BASIC_AUTH")
if _login:
    basic_auth = _login.split(",")
