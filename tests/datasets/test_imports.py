import subprocess
import sys


def test_import_loads_neither_tensorflow_nor_yfinance():
    heavy = "{'tensorflow', 'keras', 'yfinance', 'curl_cffi'}"
    code = f"import sys, skl_lstm.datasets; print({heavy} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
