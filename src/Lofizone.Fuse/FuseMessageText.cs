using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lofizone.Interop;

namespace Lofizone.Fuse;

/// <summary>A request in words, for messages and traces. Safe on any bytes.</summary>
public static class FuseMessageText
{
    /// <summary>For example "WRITE unique 7, offset 4096, 8192 bytes".</summary>
    public static string Describe(ReadOnlySpan<byte> request)
    {
        if (request.Length < Unsafe.SizeOf<FuseInHeader>())
            return string.Create(CultureInfo.InvariantCulture, $"a request of {request.Length} bytes, less than its header");
        FuseInHeader header = MemoryMarshal.Read<FuseInHeader>(request);
        ReadOnlySpan<byte> body = request[Unsafe.SizeOf<FuseInHeader>()..];
        string start = string.Create(CultureInfo.InvariantCulture, $"{header.Opcode} unique {header.Unique}");
        return header.Opcode switch
        {
            FuseOpcode.Read when Body(body, out FuseReadIn read) => string.Create(CultureInfo.InvariantCulture, $"{start}, offset {read.Offset}, {read.Size} bytes"),
            FuseOpcode.Write when Body(body, out FuseWriteIn write) => string.Create(CultureInfo.InvariantCulture, $"{start}, offset {write.Offset}, {write.Size} bytes"),
            FuseOpcode.Fallocate when Body(body, out FuseFallocateIn range) => string.Create(CultureInfo.InvariantCulture, $"{start}, offset {range.Offset}, {range.Length} bytes, mode {range.Mode}"),
            FuseOpcode.Init when Body(body, out FuseInitIn init) => string.Create(CultureInfo.InvariantCulture, $"{start}, version {init.Major}.{init.Minor}"),
            _ => start,
        };
    }

    /// <summary>The struct at the start of a request's body; false when it is cut short.</summary>
    internal static bool Body<T>(ReadOnlySpan<byte> body, out T value)
        where T : unmanaged
    {
        if (body.Length >= Unsafe.SizeOf<T>())
        {
            value = MemoryMarshal.Read<T>(body);
            return true;
        }

        value = default;
        return false;
    }
}
