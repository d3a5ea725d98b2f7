using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Fuse;
using Lofizone.Interop;
using Lofizone.Nfs;
using Lofizone.Observation;

namespace Lofizone.Tracing;

/// <summary>
/// Puts traced messages into lines. The class remembers the calls under way, so that a reply's line tells the duration. FUSE replies have
/// no opcode, so their lines also get it from the call.
/// </summary>
internal sealed class TraceLines
{
    /// <summary>Number of calls that are remembered. Beyond it all unanswered calls are forgotten at once.</summary>
    private const int PendingLimit = 4096;

    private const ulong ResendBit = 1UL << 63;

    private readonly Dictionary<(string Route, uint Xid), TimeSpan> _calls = [];
    private readonly Dictionary<ulong, (FuseOpcode Opcode, TimeSpan At)> _requests = [];

    /// <summary>For example "2026-11-23T03:00:00.000123Z nfs nas:2049/1 call 124 bytes xid 00000a01 COMPOUND …".</summary>
    /// <param name="layer">The message's layer.</param>
    /// <param name="at">Time of the message, in UTC.</param>
    /// <param name="elapsed">Time of the message, on a clock that never jumps.</param>
    /// <param name="message">The message.</param>
    public string Line(TraceLayers layer, DateTimeOffset at, TimeSpan elapsed, in TappedMessage message)
    {
        string kind = message.Kind == MessageKind.Call ? "call " : "reply";
        string route = message.Route.Length > 0 ? message.Route + " " : "";
        string words = layer == TraceLayers.Nfs ? Nfs(elapsed, message) : Fuse(elapsed, message);
        return $"{at:yyyy-MM-ddTHH:mm:ss.ffffffZ} {layer.Text()} {route}{kind} {message.TotalBytes} bytes {words}";
    }

    private string Nfs(TimeSpan elapsed, in TappedMessage message)
    {
        string words = NfsMessageText.Describe(message.Kind, message.Bytes, message.DataLeftOut);
        if (message.Bytes.Length < sizeof(uint))
            return words;
        (string, uint) key = (message.Route, MemoryMarshal.Read<uint>(message.Bytes));
        if (message.Kind == MessageKind.Call)
        {
            Bound(_calls);
            return _calls.TryAdd(key, elapsed) ? words : "sent again: " + words;
        }

        if (_calls.Remove(key, out TimeSpan called))
            return $"{After(called, elapsed)} {words}";
        return message.Bytes.Length == sizeof(uint) ? words + " nobody waits for it, or it is malformed" : words;
    }

    private string Fuse(TimeSpan elapsed, in TappedMessage message)
    {
        if (message.Kind == MessageKind.Call)
        {
            if (message.Bytes.Length >= Unsafe.SizeOf<FuseInHeader>())
            {
                FuseInHeader header = MemoryMarshal.Read<FuseInHeader>(message.Bytes);
                Bound(_requests);
                if (header.Opcode is not (FuseOpcode.Forget or FuseOpcode.BatchForget))
                    _requests[header.Unique & ~ResendBit] = (header.Opcode, elapsed);
            }

            return FuseMessageText.Describe(message.Bytes);
        }

        if (message.Bytes.Length >= Unsafe.SizeOf<FuseOutHeader>()
            && _requests.Remove(
                MemoryMarshal.Read<FuseOutHeader>(message.Bytes).Unique & ~ResendBit, out (FuseOpcode Opcode, TimeSpan At) request))
            return $"{After(request.At, elapsed)} {FuseMessageText.DescribeReply(request.Opcode, message.Bytes)}";
        return FuseMessageText.DescribeReply(0, message.Bytes);
    }

    private static string After(TimeSpan from, TimeSpan to) => $"after {(to - from).TotalMicroseconds:0} us";

    private static void Bound<TKey, TValue>(Dictionary<TKey, TValue> pending)
        where TKey : notnull
    {
        if (pending.Count >= PendingLimit)
            pending.Clear();
    }
}
