namespace Lofizone.Interop;

/// <summary>Keeps a descriptor open for the length of one system call, even if another thread closes its owner.</summary>
public ref struct DescriptorUse
{
    private readonly FileDescriptor _owner;
    private bool _taken;

    public DescriptorUse(FileDescriptor owner)
    {
        _owner = owner;
        owner.DangerousAddRef(ref _taken);
        Number = owner.Number;
    }

    public int Number { get; }

    public void Dispose()
    {
        if (_taken)
            _owner.DangerousRelease();
        _taken = false;
    }
}
