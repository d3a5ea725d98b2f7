using Lofizone.Nfs;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Protocol;
using Lofizone.Shares;

namespace Lofizone.Bench;

/// <summary>What the server gives without FUSE, loop device and file system: to pre-encoded calls, and to our client.</summary>
public sealed class ServerAlone(BenchOptions options)
{
    private const string FileName = "bench-server.img";
    private const int LayoutBytes = 1 << 20;

    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(1);

    private readonly ShareUri _uri = ShareUri.Parse(options.Share + "/" + FileName);
    private readonly string _local = Path.Combine(options.ShareDirectory, FileName);

    /// <summary>Writes the file once, beside the server: no row may measure the allocation of its blocks.</summary>
    public async Task LayOutAsync(CancellationToken cancellation)
    {
        byte[] data = new byte[LayoutBytes];
        Random.Shared.NextBytes(data);
        await using FileStream file = new(_local, FileMode.Create);
        for (int megabyte = 0; megabyte < Fio.FileMegabytes; megabyte++)
            await file.WriteAsync(data, cancellation);
        await file.FlushAsync(cancellation);
    }

    public void Remove() => File.Delete(_local);

    /// <summary>Pre-encoded calls, in the row's unit.</summary>
    public double MeasurePrepared(FioRow row, int seconds)
    {
        using PreparedCalls calls = new(RawSession.Open(_uri.Server!, _uri.Port, _uri.Path), row, Fio.FileMegabytes * 1048576L);
        return calls.Measure(_warmUp, TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Our client with as many requests in flight as the row has, in the row's unit.</summary>
    /// <param name="row">The row.</param>
    /// <param name="pack">Let it send several requests in one call.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<double> MeasureClientAsync(FioRow row, bool pack, int seconds, CancellationToken cancellation)
    {
        await using NfsClient client = await NfsClient.ConnectAsync(
            new NfsClientOptions { Server = _uri.Server!, Port = _uri.Port, ClientOwner = Guid.NewGuid().ToByteArray(), Packing = pack ? null : NfsPacking.None }, cancellation);
        await using NfsFile file = await client.OpenAsync(_uri.Path, new NfsOpenOptions { Write = true }, cancellation);
        ClientLoad load = new(file, row, Fio.FileMegabytes * 1048576L);
        return await load.MeasureAsync(_warmUp, TimeSpan.FromSeconds(seconds), cancellation);
    }

    public override string ToString() => $"{_uri}";
}
