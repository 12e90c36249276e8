"""What an ONNX graph from a model file may be, checked before anything runs it.

`checking` puts the parts together: `message` reads the bytes, `operators` says what
each operator makes of its inputs. Only graphs such as this package builds pass.
"""
