"""The undocumented parts of ipykernel and IPython are there, and mean what `page_kernel` takes them for.

`tests/voila/test_warm_process.py` forks kernels; importing the module here would make this process one.
"""

from __future__ import annotations

import inspect
from typing import Any

from ipykernel import debugger, ipkernel, kernelapp
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core import application, shellapp
from IPython.core.application import BaseIPythonApplication


def order_of(function: Any, *calls: str) -> list[int]:
    source = inspect.getsource(function)
    return [source.index(call) for call in calls]


def test_sys_is_a_name_of_the_module_by_which_it_reads_all_modules() -> None:
    function = ipkernel.IPythonKernel.__init__
    assert function.__globals__ is vars(ipkernel)
    assert "sys" in function.__code__.co_names
    assert "sys.modules" in inspect.getsource(function)


def test_configuration_and_start_up_files_are_run_by_two_methods() -> None:
    assert "self._run_startup_files()" in inspect.getsource(shellapp.InteractiveShellApp.init_code)
    assert IPKernelApp.init_code is shellapp.InteractiveShellApp.init_code
    assert "Application.load_config_file(" in inspect.getsource(BaseIPythonApplication.load_config_file)
    assert IPKernelApp.load_config_file is BaseIPythonApplication.load_config_file


def test_the_application_begins_before_it_initialises() -> None:
    """`PageKernelApp.begin` runs the part of IPython's application, whose classes stand in this order."""
    initialise = inspect.getsource(BaseIPythonApplication.initialize)
    for name in ("init_config_files", "load_config_file"):
        assert f"self.{name}(" in initialise, name
    begun = order_of(
        IPKernelApp.initialize,
        *("super().initialize(argv)", "self.init_connection_file()", "self.write_connection_file()"),
        *("self.init_kernel()", "self.init_path()", "self.init_shell()", "self.init_code()"),
    )
    assert begun == sorted(begun)


def test_the_connection_file_is_written_by_the_application() -> None:
    assert "write_connection_file(" in inspect.getsource(IPKernelApp.write_connection_file)
    assert "write_connection_file" in vars(IPKernelApp)


def test_the_path_is_set_by_the_application() -> None:
    assert "sys.path.insert(" in inspect.getsource(shellapp.InteractiveShellApp.init_path)
    assert IPKernelApp.init_path is shellapp.InteractiveShellApp.init_path


def test_the_kernel_takes_the_shell_that_is_there() -> None:
    assert "self.shell_class.instance(" in inspect.getsource(ipkernel.IPythonKernel.__init__)
    assert ipkernel.IPythonKernel.shell_class.klass is ZMQInteractiveShell or (
        ipkernel.IPythonKernel.shell_class.default_value is ZMQInteractiveShell
    )
    assert callable(ZMQInteractiveShell.init_environment)
    assert {"parent", "kernel"} <= set(ZMQInteractiveShell.class_traits()) | set(vars(ZMQInteractiveShell))


def test_one_as_parent_handle_starts_no_poller_and_prints_nothing() -> None:
    assert "self.parent_handle and self.parent_handle != 1" in inspect.getsource(IPKernelApp.init_poller)
    assert "if not self.parent_handle" in inspect.getsource(IPKernelApp.log_connection_info)


def test_the_control_thread_can_be_stopped_and_joined() -> None:
    assert "control_thread" in IPKernelApp.class_traits()
    thread = vars(kernelapp)["ControlThread"]
    assert callable(thread.stop)
    assert callable(thread.join)


def test_the_debugger_is_left_out_where_debugpy_is_not_found() -> None:
    source = inspect.getsource(debugger)
    assert "except ImportError:" in source
    assert "_is_debugpy_available = False" in source
    assert "_is_debugpy_available" in ipkernel.IPythonKernel.__init__.__code__.co_names


def test_the_application_s_class_is_the_one_that_ours_builds_on() -> None:
    assert issubclass(IPKernelApp, application.BaseIPythonApplication)
    assert issubclass(IPKernelApp, shellapp.InteractiveShellApp)
