using Lofizone.Fuse;

namespace Lofizone.Testing.Fuse;

/// <summary>A file that is served through /dev/fuse below a directory of its own. The end unmounts and removes the directory.</summary>
public sealed class ServedFile : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;

    private ServedFile(DirectoryInfo directory, FuseServer server)
    {
        _directory = directory;
        Server = server;
    }

    public FuseServer Server { get; }

    public string MountPoint => System.IO.Path.Combine(_directory.FullName, "image");

    public static async Task<ServedFile> MountAsync(IBlockFile file, FuseOptions? options = null)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("lofizone-test-fuse-");
        try
        {
            FuseServer server = await FuseServer.MountAsync(System.IO.Path.Combine(directory.FullName, "image"), file, options ?? new FuseOptions(), CancellationToken.None);
            return new ServedFile(directory, server);
        }
        catch
        {
            directory.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
